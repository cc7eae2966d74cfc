"""`sluice control`: what a control asks for, where it is checked, and what the last run of the gate said about it."""

from __future__ import annotations

from pathlib import Path

import click

from policies.controls import Register, load_register
from policies.registry import load_checks, verify
from policies.report import explain, handbook, verdicts
from sluice import tables

REGISTER = Path("policies/controls.yaml")
HANDBOOK = Path("CONTROLS.md")


@click.command(epilog="Example: sluice control EMR-03")
@click.argument("name", metavar="CONTROL", required=False)
@click.option("--list", "is_list", is_flag=True, help="List every control with the last run's verdicts.")
@click.option("--write-handbook", is_flag=True, help=f"Write {HANDBOOK} anew from register, checks and cases.")
def control(name: str | None, is_list: bool, write_handbook: bool) -> None:
    """Explain one CONTROL and show its latest verdicts."""
    if sum((name is not None, is_list, write_handbook)) != 1:
        raise click.UsageError("name one control, or say --list or --write-handbook")
    register = load_register(REGISTER)
    if write_handbook:
        HANDBOOK.write_text(page(register, Path.cwd()), encoding="utf-8", newline="")
        click.echo(f"wrote {HANDBOOK}: {len(register)} controls")
        return
    run = verdicts.read(verdicts.LATEST) if verdicts.LATEST.exists() else None
    if name is None:
        click.echo(explain.listing(register, run, tables.console().width), nl=False)
        return
    entry = register[explain.canonical(name)]
    checks = load_checks()
    verify(register, checks)
    alone = Register({entry.id: entry}, REGISTER)
    facts = handbook.collect(checks.of(alone), alone, Path.cwd())
    told = [facts[check] for check in entry.checks]
    click.echo(explain.explain(entry, told, run, click.style, tables.console().width), nl=False)


def page(register: Register, root: Path) -> str:
    """Return CONTROLS.md as it must be.

    Args:
        root: of the repository; examples are read from its tests.
    """
    checks = load_checks()
    verify(register, checks)
    return handbook.render(register, handbook.collect(checks, register, root))
