"""`sluice recover`: what a killed apply left behind, told with what to do, and mended where that is asked for."""

from __future__ import annotations

import os
from functools import cache, partial
from pathlib import Path

import click

from delivery import aws
from delivery.deployed import tree_of
from delivery.errors import StateLocked, StateNotWritten
from delivery.ledger import Record, ledger_of
from delivery.recover.ledger import not_ended_well, unfinished
from delivery.recover.stack import Recoverer, Recovery
from delivery.supervision import Interruption
from delivery.walk import walk
from delivery.workspace import StackId
from generator.spec import load_environment

FINDINGS = 1


@click.command(epilog="Example: sluice recover --env dev --stack annuity --import")
@click.option("--env", "environment", required=True, help="Environment whose apply or deploy was killed.")
@click.option("--stack", help="Only this stack: `platform` or a tenant.")
@click.option("--import", "imports", is_flag=True, help="Record in Terraform's state what exists and it missed.")
@click.option("--unlock", metavar="ID", default="", help="Break this lock; be sure that its holder is gone.")
@click.option("--release", help="Plan from this release of the environment's store.")
@click.option("--here", is_flag=True, help="Plan from this tree; for what `sluice apply` has left.")
@click.option("--dry-run", is_flag=True, help="With --import or --unlock: say what they would do.")
def recover(
    environment: str, stack: str | None, imports: bool, unlock: str, release: str | None, here: bool, dry_run: bool
) -> None:
    """Find what a killed apply left: locks, resources that no state knows, deploys without an end.

    Nothing in the cloud is changed; exit 1 where something is left to do. Planned is the release whose deploy did not
    end well, else this tree.
    """
    if here and release:
        raise click.UsageError("--here or --release: one tree is planned")
    if unlock and not stack:
        raise click.UsageError("--unlock breaks the lock of one state: name it with --stack")
    root, variables, interruption = Path.cwd(), dict(os.environ), Interruption()
    spec = load_environment(root, environment)
    history = ledger_of(spec, variables).history()
    start, attempt = unfinished(history), not_ended_well(history)
    if start:
        click.echo(_unfinished(environment, start))
    digest = "" if here else release or (attempt.release if attempt else "")
    tree = tree_of(root, spec, variables, digest) if digest else root
    clients = cache(partial(aws.client, spec=spec, variables=variables))
    recoverer = Recoverer(tree, spec, clients, variables, interruption, partial(click.echo, err=True))

    def visit(item: StackId) -> bool:
        try:
            found = recoverer.recover(item, imports=imports and not dry_run, unlock="" if dry_run else unlock)
        except StateLocked as locked:
            click.echo(f"{locked}{_would_break(locked, unlock)}")
            return False
        except StateNotWritten as unwritten:
            click.echo(str(unwritten))
            return False
        click.echo(as_text(found))
        return found.is_clean

    with interruption.listen():
        clean = walk(tree, [environment], visit, only=stack, jobs=1)
    if start or not all(clean.values()):
        raise click.exceptions.Exit(FINDINGS)


def _would_break(locked: StateLocked, unlock: str) -> str:
    return "\n  dry run:  --unlock would break this lock" if unlock == locked.lock_id else ""


def _unfinished(environment: str, start: Record) -> str:
    return (
        f"{environment}: the deploy of release {start.release[:16]} that {start.by} began at {start.at} has no end\n"
        "  why:      it was killed, or it still runs; what it applied is in the states\n"
        f"  fix:      when this command finds nothing else: sluice deploy --env {environment}"
    )


def as_text(found: Recovery) -> str:
    """Return what was found of one stack, what to do first."""
    if found.is_clean and not found.missing:
        return f"{found.stack}: nothing is left behind"
    verb = "imported" if found.imported else "exists, and no state knows it"
    lines = [f"{found.stack}: {len(found.missing)} resources exist that the state missed"]
    lines += [f"  {verb}  {item.address} = {item.import_id}  (found {item.how})" for item in found.missing]
    for doubt in found.doubts:
        lines += [f"  in doubt  {doubt.what}", f"    why:  {doubt.why}", f"    do:   {doubt.do}"]
    lines += [f"  not looked for  {type_}: {where}" for type_, where in (found.unsearched or {}).items()]
    if found.missing:
        command = f"--env {found.stack.environment} --stack {found.stack.name}"
        next_step = f"plan {command}" if found.imported else f"recover {command} --import"
        lines.append(f"  fix:      sluice {next_step}")
    return "\n".join(lines)
