"""`sluice ephemeral`: a development cluster of one's own for some hours, judged first, and ended by the clock."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from delivery.ephemeral import lifecycle
from delivery.ephemeral.account import Account
from delivery.ephemeral.python import find_pulumi
from delivery.ephemeral.running import FORM, MOST_HOURS, Running
from delivery.ephemeral.wish import HOURS, LONGEST_NAME, Wish
from sluice.commands.stacks import json_option
from sluice.events import Events
from sluice.gating import brief

environment_option = click.option("--env", "environment", required=True, help="Development environment.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")


@click.group("ephemeral")
def ephemeral() -> None:
    """Short-lived development clusters, one for an engineer or a pull request."""


@ephemeral.command(epilog="Example: sluice ephemeral up --env dev --tenant annuity --name pr-123 --hours 4")
@environment_option
@click.option("--tenant", required=True, help="Whose work it is for, and who pays.")
@click.option("--owner", help="Address of who answers for it; Git's user.email unless given.")
@click.option("--name", help="Short name, unique in the environment; made from the owner's address unless given.")
@click.option("--hours", default=HOURS, show_default=True, help=f"Time to live, at most {MOST_HOURS}.")
@dry_run_option
@json_option
def up(
    environment: str, tenant: str, owner: str | None, name: str | None, hours: int, dry_run: bool, machine: bool
) -> None:
    """Start a cluster: decide it, judge it by the CSO's controls, and only then hand it to Pulumi.

    Asking again for one that runs finishes what an interrupted start left; it lives no longer for it.
    """
    account = Account.of(Path.cwd(), environment, dict(os.environ))
    if not dry_run:
        find_pulumi(account.variables)
    owner = owner or _git_address()
    wish = Wish(name or _short_name(owner), tenant, owner, hours)
    if machine:
        _up_told(account, wish, dry_run=dry_run)
        return
    prepared = lifecycle.prepare(account, wish)
    cluster = prepared.cluster
    click.echo(f"{cluster.name}: {cluster.release}, {cluster.core_units} to {cluster.max_units} units")
    click.echo(f"  owner    {cluster.tags['owner']}")
    click.echo(f"  ends     {cluster.tags['expires_at']}, or after {cluster.idle_seconds // 60} idle minutes")
    click.echo(f"  {brief(prepared.result)}")
    if prepared.running:
        click.echo(f"  runs already as {prepared.running.cluster_id} ({prepared.running.state}); its end stays")
    if dry_run:
        click.echo("not started: --dry-run")
        return
    lifecycle.start(account, prepared, click.echo)
    click.echo(f"started; to end it: sluice ephemeral down --env {environment} {cluster.tags['ephemeral']}")


def _up_told(account: Account, wish: Wish, *, dry_run: bool) -> None:
    """Start a cluster, told as events."""
    events = Events()
    about = {"environment": account.spec.environment, "name": wish.name}
    events.emit("judging", **about)
    prepared = lifecycle.prepare(account, wish)
    cluster = prepared.cluster
    events.emit("gated", **about, text=brief(prepared.result))
    events.emit(
        "cluster",
        **about,
        cluster=cluster.name,
        release=cluster.release,
        core_units=cluster.core_units,
        max_units=cluster.max_units,
        owner=cluster.tags["owner"],
        expires_at=cluster.tags["expires_at"],
        idle_seconds=cluster.idle_seconds,
    )
    if not dry_run:
        lifecycle.start(account, prepared, _step(events))
    _ended(events, about, "planned" if dry_run else "started", _called(account, wish.name))


def _step(events: Events) -> Callable[[str], None]:
    return lambda text: events.emit("step", text=text)


def _called(account: Account, name: str) -> list[Running]:
    return [one for one in lifecycle.clusters(account) if one.name == name]


def _ended(events: Events, about: dict[str, str], state: str, found: list[Running]) -> None:
    """Say what came of it: `found` runs, or ran until now."""
    events.emit("ephemeral", **about, state=state, clusters=[_document(one) for one in found])


def _git_address() -> str:
    found = subprocess.run(["git", "config", "user.email"], capture_output=True, text=True, check=False).stdout.strip()
    if not found:
        raise click.UsageError("nobody is known as the owner: give --owner, or set Git's user.email")
    return found


def _short_name(owner: str) -> str:
    """Return a name made of an address: `Ann.Lee@example.com` is ann-lee."""
    words = re.findall("[a-z0-9]+", owner.partition("@")[0].lower())
    return "-".join(words)[:LONGEST_NAME].rstrip("-")


@ephemeral.command(epilog="Example: sluice ephemeral down --env dev pr-123")
@environment_option
@click.argument("name")
@dry_run_option
@json_option
def down(environment: str, name: str, dry_run: bool, machine: bool) -> None:
    """End the cluster NAME and drop Pulumi's record of it."""
    account = Account.of(Path.cwd(), environment, dict(os.environ))
    if machine:
        _down_told(account, name, dry_run=dry_run)
        return
    if dry_run:
        found = _called(account, name)
        click.echo(f"would end {_line(found[0], account.now())}" if found else f"no cluster {name!r} runs")
        return
    ended = lifecycle.stop(account, name, click.echo)
    for one in ended:
        click.echo(f"ended {one.cluster_id}")
    if not ended:
        click.echo(f"no cluster {name!r} runs; nothing is recorded of it now")


def _down_told(account: Account, name: str, *, dry_run: bool) -> None:
    """End a cluster, told as events."""
    events = Events()
    found = _called(account, name) if dry_run else lifecycle.stop(account, name, _step(events))
    state = "absent" if not found else "planned" if dry_run else "ended"
    _ended(events, {"environment": account.spec.environment, "name": name}, state, found)


@ephemeral.command("list", epilog="Example: sluice ephemeral list --env dev")
@environment_option
@click.option("--json", "machine", is_flag=True, help="Print one JSON list.")
def list_command(environment: str, machine: bool) -> None:
    """Show the short-lived clusters that run: owner, state, age, end. Asked of EMR, not of Pulumi's record."""
    account = Account.of(Path.cwd(), environment, dict(os.environ))
    found = lifecycle.clusters(account)
    if machine:
        click.echo(json.dumps([_document(one) for one in found], indent=1))
        return
    for one in found:
        click.echo(_line(one, account.now()))
    if not found:
        click.echo(f"no short-lived cluster runs in {environment}")


@ephemeral.command(epilog="Example: sluice ephemeral reap --env dev")
@environment_option
@dry_run_option
def reap(environment: str, dry_run: bool) -> None:
    """End the clusters whose time is over, through EMR itself: needs no Pulumi, and no record of Pulumi's."""
    account = Account.of(Path.cwd(), environment, dict(os.environ))
    found = lifecycle.over(account)
    if not dry_run:
        lifecycle.reap(account, [one for one, _ in found])
    for one, why in found:
        click.echo(f"{'would end' if dry_run else 'ended'} {one.cluster_id} {one.name} of {one.owner}: {why}")
    if not found:
        click.echo(f"nothing to end in {environment}")


def _line(one: Running, now: datetime) -> str:
    age = _hours(now - one.created_at)
    end = one.expires_at.strftime(FORM) if one.expires_at else "no moment: to be ended"
    whose = f"{one.name:<{LONGEST_NAME}}  {one.tenant}  {one.owner}"
    return f"{one.cluster_id}  {one.state:<13}  {whose}  age {age}  ends {end}"


def _hours(time: timedelta) -> str:
    minutes = int(time.total_seconds()) // 60
    return f"{minutes // 60}:{minutes % 60:02}"


def _document(one: Running) -> dict[str, str | None]:
    return {
        "cluster_id": one.cluster_id,
        "name": one.name,
        "state": one.state,
        "tenant": one.tenant,
        "owner": one.owner,
        "created_at": one.created_at.astimezone(UTC).strftime(FORM),
        "expires_at": one.expires_at.strftime(FORM) if one.expires_at else None,
    }
