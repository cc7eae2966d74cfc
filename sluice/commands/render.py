"""`sluice render`: specs in, committed files out."""

from __future__ import annotations

from pathlib import Path

import click

from generator.render import check_render
from generator.render import render as render_all

DRIFT = 1


@click.command(epilog="Example: sluice render --check")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 and name what differs from a fresh render.")
def render(check: bool) -> None:
    """Render every tenant for every environment into environments/<env>/rendered/."""
    root = Path.cwd()
    if check:
        _check(root)
        return
    result = render_all(root)
    for verb, paths in (("added", result.added), ("changed", result.changed), ("removed", result.removed)):
        for path in paths:
            click.echo(f"{verb:<8} {path}")
    click.echo(
        f"{len(result.added)} added, {len(result.changed)} changed, {len(result.removed)} removed, "
        f"{len(result.unchanged)} unchanged"
    )


def _check(root: Path) -> None:
    drift = check_render(root)
    for line in drift:
        click.echo(line)
    if drift:
        differ = "1 file differs" if len(drift) == 1 else f"{len(drift)} files differ"
        click.echo(f"{differ} from what the specs say", err=True)  # each line says what mends it
        raise click.exceptions.Exit(DRIFT)
    click.echo("every rendered file is what the specs say")
