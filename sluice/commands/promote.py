"""`sluice promote` and `sluice rollback`: which release an environment should run next. Neither changes what runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from delivery import aws
from delivery.pin import read_pin
from delivery.pin_commit import commit_pin, push_pin
from delivery.promotion import SHOWN, Move, Place, carry_out, place_of, propose_promotion, propose_rollback
from delivery.release.built import digest_of
from generator.spec import load_environment
from sluice.commands.release import describe


@dataclass(frozen=True)
class Writing:
    """What is to be written, as the options say."""

    commit: bool
    push: bool
    branch: str
    dry_run: bool


def writing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of `Writing` to a command."""
    options = (
        click.option("--commit", is_flag=True, help="Commit the pin, and nothing else."),
        click.option("--push", is_flag=True, help="With --commit: push to the branch's upstream, `main` on no branch."),
        click.option("--branch", default="", help="With --push: the branch of origin to push to instead."),
        click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command(epilog="Example: sluice promote --from dev --to prod --commit --push")
@click.option("--from", "source", required=True, help="Environment that runs and verified the release.")
@click.option("--to", "target", required=True, help="Environment that should run it.")
@click.option("--release", default="", help="Digest, or `built` for the last build; what --from runs, unless given.")
@writing_options
def promote(source: str, target: str, release: str, **options: Any) -> None:
    """Let an environment run next what another runs and has verified: copy the release there and pin it.

    Shows, stack by stack, what the environment would run and does not. `sluice deploy` is what changes it.
    """
    writing = _checked(Writing(**options))
    root, variables = Path.cwd(), dict(os.environ)
    origin = place_of(load_environment(root, source), variables, aws.RELEASE_ROLE)
    place = place_of(load_environment(root, target), variables, aws.RELEASE_ROLE)
    move = propose_promotion(root, origin, place, digest_of(root, release), datetime.now(UTC))
    _finish(root, move, origin, place, f"Promote release {move.release[:SHOWN]} from {source} to {target}", writing)


@click.command(epilog="Example: sluice rollback --env prod --commit --push")
@click.option("--env", "environment", required=True, help="Environment to take back.")
@click.option(
    "--release",
    "--to",
    "release",
    default="",
    help="Digest of a release that was verified here, or its beginning; else the last one.",
)
@writing_options
def rollback(environment: str, release: str, **options: Any) -> None:
    """Let an environment run next the last release that it has verified, other than the one that it runs.

    Works in a freeze and after a deploy that failed. `sluice deploy` is what changes the environment, gate and all.
    """
    writing = _checked(Writing(**options))
    root = Path.cwd()
    place = place_of(load_environment(root, environment), dict(os.environ), aws.PLAN_ROLE)
    move = propose_rollback(root, place, release, datetime.now(UTC))
    _finish(root, move, None, place, f"Roll {environment} back to release {move.release[:SHOWN]}", writing)


def _checked(writing: Writing) -> Writing:
    if writing.push and not writing.commit:
        raise click.UsageError("--push pushes a commit: give --commit too")
    if writing.branch and not writing.push:
        raise click.UsageError("--branch says where to push: give --push too")
    return writing


def _finish(root: Path, move: Move, source: Place | None, place: Place, title: str, writing: Writing) -> None:
    """Show the move and, unless it is a dry run, write it."""
    click.echo(explain(move))
    if writing.dry_run:
        click.echo("nothing was changed: --dry-run")
        return
    follows = read_pin(root, move.environment).follows
    click.echo(f"pinned   {carry_out(root, move, source, place.store)}")
    if follows:
        click.echo(f"note     {move.environment} no longer follows {follows}; write `follows: {follows}` to go on")
    if writing.commit:
        click.echo(f"commit   {commit_pin(root, move.environment, message(title, move))}")
    if writing.push:
        click.echo(f"pushed   {push_pin(root, move.environment, writing.branch)}")
    click.echo(f"next     sluice deploy --env {move.environment}")


def message(title: str, move: Move) -> str:
    """Return the commit's message: what, from where, and why it can be relied on."""
    lines = [
        title,
        "",
        f"Release:  {move.release}",
        f"Built:    from {move.provenance.commit} by {move.provenance.builder}",
        f"Verified: in {move.verified_in} at {move.verified.at} by {move.verified.by}",
    ]
    if move.runs:
        lines.append(f"Replaces: {move.runs.release}")
    return "\n".join(lines)


def explain(move: Move) -> str:
    """Return what an environment runs, what it would run, and the difference by stack."""
    runs = f"{move.runs.release[:SHOWN]} ({move.runs.event} {move.runs.at})" if move.runs else "nothing yet"
    lines = [
        f"{move.environment} runs       {runs}",
        f"{move.environment} would run  {move.release[:SHOWN]}",
        f"built    from {move.provenance.commit} by {move.provenance.builder} at {move.provenance.built_at}",
        f"verified in {move.verified_in} at {move.verified.at}",
    ]
    return "\n".join([*lines, _difference(move)])


def _difference(move: Move) -> str:
    if move.difference is None:
        return "differs  in what nobody can say: what runs is no longer in the store; the plan will show it"
    if move.runs is None:
        return "new stacks: " + (", ".join(move.difference.new_stacks) or "none")
    return describe(move.difference)
