"""`sluice cloudformation`: the stacks of tenants' own templates, planned as change sets, executed as they were read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from delivery import aws
from delivery.approval import Deploy
from delivery.approval_store import Request, approvals_of
from delivery.cloudformation import summary
from delivery.cloudformation.approving import REQUEST, Approves, Signed, by_digest
from delivery.cloudformation.changes import StackPlan
from delivery.cloudformation.deploy import Templates
from delivery.cloudformation.rollout import apply_stacks, discard_plans, reviewed
from delivery.cloudformation.stacks import Listener, Stacks
from delivery.errors import DeliveryError
from delivery.kept import kept_plan
from delivery.ledger import ledger_of
from delivery.plan import show_json
from delivery.plan_reading import write_private
from delivery.workspace import StackId
from generator.model import EnvironmentSpec
from generator.spec import load_environment
from sluice.commands.stacks import json_option as events_option
from sluice.events import Events, TemplateEvents

environment_option = click.option("--env", "environment", required=True, help="Environment to work on.")
tenant_option = click.option("--tenant", help="Only the templates of this tenant.")
json_option = click.option(
    "--json", "machine", is_flag=True, help="Print {stack: {digest, counts, destructive, changes}}."
)


class Declined(DeliveryError):
    """Somebody read the change sets and said no."""

    exit_code = 1


@click.group()
def cloudformation() -> None:
    """Stacks of tenants' own templates, tenants/TENANT/cloudformation/*.yaml."""


@cloudformation.command(epilog="Example: sluice cloudformation plan --env dev --tenant claims")
@environment_option
@tenant_option
@json_option
@click.option("--read-only", is_flag=True, help="Make no change set: compare templates, as the role that only reads.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Also write cloudformation-ENV.json there."
)
def plan(environment: str, tenant: str | None, machine: bool, read_only: bool, out: Path | None) -> None:
    """Say what an apply would change, destructive changes first; the change sets are removed again.

    With --read-only, what holds data and is written otherwise counts as replaced: a change set alone tells.
    """
    templates = _templates(environment, tenant, aws.PLAN_ROLE if read_only else None)
    plans = templates.compare() if read_only else templates.plan()
    discard_plans(templates.stacks, plans)
    _show(plans, machine)
    if out:
        write_private(out / f"cloudformation-{environment}.json", json.dumps(summary.as_json(plans), indent=1) + "\n")


@cloudformation.command(epilog="Example: sluice cloudformation apply --env dev --tenant claims --yes")
@environment_option
@tenant_option
@events_option
@click.option("--yes", is_flag=True, help="Do not ask before anything is executed.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, as `plan` does, and do nothing.")
@click.option(
    "--approve",
    "digests",
    multiple=True,
    metavar="DIGEST",
    help="Let this change set destroy data, where nobody else must.",
)
@click.option(
    "--approval",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A sealed approval, where the environment asks for one; else those kept beside its ledger are looked through.",
)
@click.option("--continue-rollback", is_flag=True, help="First roll back again where rolling back has failed.")
def apply(
    environment: str,
    tenant: str | None,
    machine: bool,
    yes: bool,
    dry_run: bool,
    digests: tuple[str, ...],
    approval: Path | None,
    continue_rollback: bool,
) -> None:
    """Judge the templates, make change sets, and execute exactly those; a stack without a template is deleted.

    What replaces or deletes data is refused until somebody has approved that very change set: by a sealed approval
    where the environment names approvers, else by its digest.
    """
    require_answer(machine=machine, answered=yes or dry_run)
    events = Events()
    rows = TemplateEvents(events, environment) if machine else None
    templates = _templates(environment, tenant, listener=rows or told)
    approves = _approves(templates, digests, approval)
    plans = templates.plan(rolls_back=continue_rollback and not dry_run)
    with reviewed(templates.stacks, plans):
        if rows:
            rows.planned(plans)
        else:
            _show(plans, machine=False)
        if not (yes or dry_run) and any(not item.is_empty for item in plans):
            _ask(environment)
    if dry_run:
        discard_plans(templates.stacks, plans)
    done = [] if dry_run else apply_stacks(templates.stacks, plans, approves)
    if rows:
        events.emit("cloudformation", environment=environment, **outcome(plans, done, dry_run=dry_run))
    elif not dry_run:
        click.echo(f"{len(done)} stacks changed", err=True)


def require_answer(*, machine: bool, answered: bool) -> None:
    """Refuse to ask a machine.

    Raises:
        click.UsageError: see there.
    """
    if machine and not answered:
        raise click.UsageError("--json asks nobody: give --yes or --dry-run too")


def outcome(plans: Sequence[StackPlan], done: Sequence[StackPlan], *, dry_run: bool) -> dict[str, Any]:
    """Return what the closing event says: a dry run's plans that would change something, else those that did."""
    state = "planned" if dry_run else "applied" if done else "unchanged"
    told_of = [plan for plan in plans if not plan.is_empty] if dry_run else done
    return {"state": state, "plans": {plan.key: plan.digest for plan in told_of}}


def _ask(environment: str) -> None:
    if not click.confirm(f"Execute this in {environment}?", err=True):
        raise Declined(f"{environment}: nothing was executed, as you said")


def told(stack: str, what: str) -> None:
    """Say on standard error what happens to a stack."""
    click.echo(f"{stack}: {what}", err=True)


def _templates(environment: str, tenant: str | None, role: str | None = None, listener: Listener = told) -> Templates:
    root, variables = Path.cwd(), dict(os.environ)
    spec = load_environment(root, environment)
    stacks = Stacks(aws.client("cloudformation", spec, variables, role), listener=listener)
    return Templates(root, spec, stacks, partial(_kept, root, environment, variables), tenant)


def _kept(root: Path, environment: str, variables: Mapping[str, str], tenant: str) -> bytes:
    """Return the plan that `sluice plan` left of a tenant's stack."""
    stack = StackId(environment, tenant)
    return show_json(stack, kept_plan(root, stack, variables), variables)


def _show(plans: Sequence[StackPlan], machine: bool) -> None:
    click.echo(json.dumps(summary.as_json(plans), indent=1) if machine else summary.as_text(plans))


def _approves(templates: Templates, digests: Sequence[str], approval: Path | None) -> Approves:
    """Return what may let data go in the environment."""
    spec, variables = templates.spec, dict(os.environ)
    if not spec.delivery.approvers:
        if approval:
            raise click.UsageError(f"{spec.environment} names no approvers: --approve DIGEST says what may be lost")
        return by_digest(digests)
    if digests:
        raise click.UsageError(f"{spec.environment} names approvers: only a sealed approval lets data go there")
    return Signed(
        templates.root,
        spec,
        envelopes=partial(_envelopes, spec, variables, approval),
        history=lambda: ledger_of(spec, variables).history(),
        ask=partial(_request, spec, variables),
    )


def _envelopes(
    spec: EnvironmentSpec, variables: Mapping[str, str], approval: Path | None, deploy: Deploy
) -> Iterable[Any]:
    if approval is None:
        return approvals_of(spec, variables, name=REQUEST).envelopes(deploy)
    try:
        return [json.loads(approval.read_text("utf-8"))]
    except ValueError:
        return [None]  # no envelope: the check refuses it by name


def _request(spec: EnvironmentSpec, variables: Mapping[str, str], deploy: Deploy, plans: Sequence[StackPlan]) -> None:
    """Leave a request for the approval of `plans` beside the ledger."""
    asked = Request(deploy, summary.as_json(plans), datetime.now(UTC).isoformat(timespec="seconds"))
    approvals_of(spec, variables, name=REQUEST).ask(asked)
