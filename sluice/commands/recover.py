"""`sluice recover`: what a killed apply left behind, told with what to do, and mended where that is asked for."""

from __future__ import annotations

import os
from functools import cache, partial
from pathlib import Path
from typing import Any

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
from sluice.commands.stacks import json_option, stack_option
from sluice.events import Events

FINDINGS = 1


@click.command(epilog="Example: sluice recover --env dev --stack annuity --import")
@click.option("--env", "environment", required=True, help="Environment whose apply or deploy was killed.")
@stack_option
@click.option("--import", "imports", is_flag=True, help="Record in Terraform's state what exists and it missed.")
@click.option("--unlock", metavar="ID", default="", help="Break this lock; be sure that its holder is gone.")
@click.option("--release", help="Plan from this release of the environment's store.")
@click.option("--here", is_flag=True, help="Plan from this tree; for what `sluice apply` has left.")
@click.option("--dry-run", is_flag=True, help="With --import or --unlock: say what they would do.")
@json_option
def recover(
    environment: str,
    stack: str | None,
    imports: bool,
    unlock: str,
    release: str | None,
    here: bool,
    dry_run: bool,
    machine: bool,
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
    talk = _Talk(environment, machine=machine)
    if start:
        talk.unfinished(start)
    digest = "" if here else release or (attempt.release if attempt else "")
    tree = tree_of(root, spec, variables, digest) if digest else root
    clients = cache(partial(aws.client, spec=spec, variables=variables))
    recoverer = Recoverer(tree, spec, clients, variables, interruption, talk.step)

    def visit(item: StackId) -> bool:
        try:
            found = recoverer.recover(item, imports=imports and not dry_run, unlock="" if dry_run else unlock)
        except StateLocked as locked:
            talk.stopped(item, "locked", f"{locked}{_would_break(locked, unlock)}", lock=locked.lock_id)
            return False
        except StateNotWritten as unwritten:
            talk.stopped(item, "unwritten", str(unwritten))
            return False
        talk.found(found)
        return found.is_clean

    with interruption.listen():
        clean = walk(tree, [environment], visit, only=stack, jobs=1)
    is_clean = not start and all(clean.values())
    talk.ended(is_clean=is_clean)
    if not is_clean:
        raise click.exceptions.Exit(FINDINGS)


class _Talk:
    """What is done and found, told to people or machines."""

    def __init__(self, environment: str, *, machine: bool) -> None:
        self._environment, self._events = environment, Events() if machine else None
        self._states: dict[str, str] = {}

    def step(self, text: str) -> None:
        if self._events:
            self._events.emit("step", text=text)
        else:
            click.echo(text, err=True)

    def unfinished(self, start: Record) -> None:
        text = _unfinished(self._environment, start)
        about = {"environment": self._environment, "release": start.release, "by": start.by, "since": start.at}
        self._tell("unfinished", "", text, about)

    def stopped(self, stack: StackId, state: str, text: str, **facts: str) -> None:
        """Say why nothing could be looked for in a stack."""
        self._recovered(stack, state, text, facts)

    def found(self, found: Recovery) -> None:
        facts = {
            "imported": found.imported,
            "missing": [{"address": item.address, "id": item.import_id} for item in found.missing],
            "doubts": [{"what": doubt.what, "why": doubt.why, "do": doubt.do} for doubt in found.doubts],
            "unsearched": dict(found.unsearched or {}),
        }
        self._recovered(found.stack, "clean" if found.is_clean else "left", as_text(found), facts)

    def ended(self, *, is_clean: bool) -> None:
        if self._events:
            state = "clean" if is_clean else "left"
            self._events.emit("recover", environment=self._environment, state=state, stacks=self._states)

    def _recovered(self, stack: StackId, state: str, text: str, facts: dict[str, Any]) -> None:
        self._states[str(stack)] = state
        self._tell("recovered", stack, text, {"state": state, **facts})

    def _tell(self, event: str, stack: StackId | str, text: str, facts: dict[str, Any]) -> None:
        if self._events:
            self._events.emit(event, stack, text=text, **facts)
        else:
            click.echo(text)


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
