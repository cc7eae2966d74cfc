"""`sluice decommission`: end a tenant that Git holds no more; keep what must be kept, show that the rest is gone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from delivery import aws
from delivery.airflow_api import airflow_of
from delivery.approval import Deploy
from delivery.approval_store import approvals_of
from delivery.decommission.agreement import NotApproved, approved, store_name
from delivery.decommission.carry_out import Order
from delivery.decommission.decision import Decision
from delivery.decommission.removal import removed_by
from delivery.decommission.run import Decommission, Places
from delivery.decommission.source import refuse_wanted
from delivery.decommission.streamsets import engine_of
from delivery.decommission.waiting import standing_stacks, waiting
from delivery.decommission.warehouse import warehouse_of
from delivery.errors import DeliveryError
from delivery.ledger import ledger_of
from delivery.supervision import Interruption
from delivery.trust import trusted_keys
from delivery.workspace import StackId
from generator.model import EnvironmentSpec
from generator.spec import load_environment
from sluice.commands.stacks import json_option
from sluice.events import Events
from sluice.planning import Pause, progress
from sluice.progress import StackProgress

WAITING = 1


class Declined(DeliveryError):
    """Somebody read what would be destroyed and said no."""

    exit_code = 1


@dataclass(frozen=True)
class Options:
    """What the command line says.

    Attributes:
        wait: minutes to wait for what is at work.
        yes: do not ask before destroying where no approval is needed.
    """

    by: str
    ticket: str
    wait: float
    yes: bool
    dry_run: bool
    plan_only: bool
    unlock: str
    hold_until: date | None


@click.command(
    epilog="Example: sluice decommission claims --env prod --by ann@meridian.example --ticket DATA-812 --dry-run"
)
@click.argument("tenant", required=False)
@click.option("--env", "environment", required=True, help="Environment in which it ends.")
@click.option("--list", "listing", is_flag=True, help="Name the tenants that wait for it, and nothing else.")
@click.option("--dry-run", is_flag=True, help="Say what would be destroyed and what kept; change nothing.")
@click.option("--plan-only", is_flag=True, help="Say it, and ask for the approval where one is needed; exit 0.")
@click.option("--by", default="", help="Who decommissions; not the one who approves.")
@click.option("--ticket", default="", help="Where it was decided.")
@click.option(
    "--hold-until", type=click.DateTime(["%Y-%m-%d"]), help="Destroy nothing that holds data before this day."
)
@click.option("--wait", default=0.0, show_default=True, help="Minutes to wait for runs that are on the way.")
@click.option("--unlock", default="", help="Id of a state lock whose holder is gone, as an earlier run named it.")
@click.option("--yes", is_flag=True, help="Do not ask, where the environment asks for no approval.")
@json_option
def decommission(
    tenant: str | None,
    environment: str,
    listing: bool,
    hold_until: datetime | None,
    machine: bool,
    **given: Any,
) -> None:
    """Drain a tenant, keep what retention and legal holds keep, destroy the rest, and search for what is left.

    Without TENANT, or with --list, which asks as the role sluice-plan: name those that were deployed, that Git holds no
    more, and that still wait for it; exit 1 if any.

    TENANT must be gone from Git; the release that made it unmakes it. Repeat the command to finish what was
    interrupted, and later to destroy what had to be kept until then. Exit 1: refused, not approved, or not all gone.
    """
    root, spec = Path.cwd(), load_environment(Path.cwd(), environment)
    if listing and tenant:
        raise click.UsageError("--list names all tenants that wait; leave TENANT out")
    if tenant is None:
        _list(root, spec, aws.PLAN_ROLE if listing else None, machine=machine)
        return
    options = Options(**given, hold_until=hold_until.date() if hold_until else None)
    if not options.dry_run and not (options.by and options.ticket):
        raise click.UsageError("--by and --ticket are needed: a destruction names who and why")
    if machine and not (spec.delivery.approvers or options.yes or options.dry_run or options.plan_only):
        raise click.UsageError(f"--json asks nobody, and {environment} names no approvers: give --yes or --dry-run too")
    refuse_wanted(root, StackId(environment, tenant))
    told: Console | Events = Events() if machine else Console(stderr=True)
    interruption = Interruption()
    with interruption.listen(), progress(told) as (rows, pause):
        talk = _Talk(told, rows, pause)
        evidence = _run(root, spec, tenant, dict(os.environ), options, talk, interruption)
        talk.ended(f"{environment}/{tenant}", evidence)


def _list(root: Path, spec: EnvironmentSpec, role: str | None, *, machine: bool) -> None:
    """Name the tenants that wait for their decommission, one a line."""
    rendered = [path.parent.name for path in root.glob(f"environments/{spec.environment}/rendered/*/terraform")]
    history = ledger_of(spec, dict(os.environ), role).history()
    standing = standing_stacks(aws.client("s3", spec, dict(os.environ), role), spec, rendered)
    found = waiting(spec, history, rendered, standing)
    for name in found:
        if machine:
            Events().emit("decommission", StackId(spec.environment, name))
        else:
            click.echo(f"{spec.environment}/{name}: sluice decommission {name} --env {spec.environment}")
    if not found and not machine:
        click.echo(f"{spec.environment}: no tenant waits for its decommission")
    if found:
        raise click.exceptions.Exit(WAITING)


@dataclass(frozen=True)
class _Talk:
    """What is done, told to people or machines, and how people are asked."""

    told: Console | Events
    rows: StackProgress
    pause: Pause

    def say(self, text: str) -> None:
        if isinstance(self.told, Events):
            self.told.emit("step", text=text)
        else:
            self.told.print(text, highlight=False, markup=False, soft_wrap=True)

    def ask(self, question: str) -> bool:
        with self.pause():
            return click.confirm(question, err=True)

    def ended(self, stack: str, evidence: Mapping[str, Any]) -> None:
        if isinstance(self.told, Events):
            self.told.emit("decommissioned", stack, evidence=evidence)


def _run(
    root: Path,
    spec: EnvironmentSpec,
    tenant: str,
    variables: Mapping[str, str],
    options: Options,
    talk: _Talk,
    interruption: Interruption,
) -> dict[str, Any]:
    """Decommission a tenant and return the evidence; of a dry run, the digest of what would be done."""
    places = Places(
        spec,
        cache(lambda service: aws.client(service, spec, variables)),
        airflow_of(spec, variables),
        engine_of(variables),
        variables,
        interruption,
        talk.rows,
        talk.say,
        warehouse_of(spec, variables),
    )
    work = Decommission(root, tenant, places, today=datetime.now(UTC).date(), hold_until=options.hold_until)
    decision = work.decide(options.unlock)
    talk.say("\n".join([describe(decision), *(f"  by hand       {line}" for line in work.by_hand)]))
    if options.dry_run:
        for line in work.at_work():
            talk.say(f"  at work       {line}")
        return {"digest": decision.digest}
    if decision.is_empty and work.is_finished:
        talk.say(f"{work.stack}: nothing is left to be done")
        return work.last
    if options.plan_only:
        return _asked(root, variables, work, decision, options, talk)
    who = _agreed(root, variables, work, decision, options, talk)
    work.drain(options.wait)
    order = Order(options.by, options.ticket, datetime.now(UTC).isoformat(timespec="seconds"), *who)
    return work.carry_out(decision, order)


def _asked(
    root: Path, variables: Mapping[str, str], work: Decommission, decision: Decision, options: Options, talk: _Talk
) -> dict[str, Any]:
    """Ask for the approval where one is needed and there is none yet; nothing else changes."""
    if work.spec.delivery.approvers and not decision.is_empty:
        try:
            approver, _ = _agreed(root, variables, work, decision, options, talk)
        except NotApproved as waits:
            talk.say(str(waits))
        else:
            talk.say(f"{work.stack}: approved by {approver}")
    return {"digest": decision.digest}


def _agreed(
    root: Path,
    variables: Mapping[str, str],
    work: Decommission,
    decision: Decision,
    options: Options,
    talk: _Talk,
) -> tuple[str, str]:
    """Return who approved, and the approval's digest; nobody has to where nothing would be destroyed."""
    spec = work.spec
    if decision.is_empty:
        return work.approved_before
    if not spec.delivery.approvers:
        if not options.yes and not talk.ask(f"Destroy this in {spec.environment}?"):
            raise Declined(f"{work.stack}: not decommissioned, as you said")
        return "", ""
    authors = (options.by, *removed_by(root, work.stack.name))
    return approved(
        decision,
        Deploy(spec.environment, work.source.release, {str(work.stack): decision.digest}, authors),
        approvals_of(spec, variables, name=store_name(work.stack.name)),
        trusted=trusted_keys(root, spec.environment, "approval"),
        approvers=spec.delivery.approvers,
        history=ledger_of(spec, variables).history(),
        now=datetime.now(UTC),
    )


def describe(decision: Decision) -> str:
    """Return a decision as people read it: what is kept and why, data that is destroyed, then all the rest."""
    lines = [f"{decision.stack}: {len(decision.destroyed)} resources destroyed, {len(decision.kept)} kept"]
    for item in decision.kept:
        lines.append(f"  keep          {item.arn}\n                {item.why}" + _until(item.until))
    lines += [f"  DESTROY DATA  s3://{bucket}" for bucket in decision.emptied]
    lines += [f"  DESTROY DATA  {item.arn}, kept until now" for item in decision.removed]
    if decision.schema:
        names = ", ".join(table for table, _ in decision.schema.tables) or "nothing"
        lines.append(f"  DROP SCHEMA   {decision.schema.name} in the warehouse, which holds {names}")
    lines += [f"  destroy       {address}" for address, _ in decision.destroyed]
    return "\n".join(lines)


def _until(day: str) -> str:
    return f"; may be destroyed from {day}" if day else ""
