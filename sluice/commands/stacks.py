"""`sluice plan` and `sluice apply`: the same walk over the stacks, with and without the last step."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock

import click
from rich.console import Console

from delivery.cloudformation.summary import as_text
from delivery.errors import DeliveryError
from delivery.plan import Plan
from delivery.plan import apply as apply_plan
from delivery.supervision import Interruption
from delivery.walk import walk
from delivery.workspace import StackId, rendered_stacks
from sluice import gating
from sluice.commands.affected import affected_since
from sluice.compared_templates import ComparedTemplates
from sluice.events import Events
from sluice.kept_plans import kept
from sluice.planning import PlanReader, brief, plan_all, plan_one, progress, summary
from sluice.progress import StackProgress

__all__ = ["apply_all", "brief", "environment_option", "jobs_option", "plan_all", "stack_option", "summary"]
CHANGES = 1


class Declined(DeliveryError):
    """Somebody read the plan and said no."""

    exit_code = 1


environment_option = click.option(
    "--env", "environments", multiple=True, required=True, help="Environment to work on; repeat for several."
)
stack_option = click.option("--stack", "--tenant", "stack", help="Only this stack: `platform` or a tenant.")
jobs_option = click.option("--jobs", default=2, show_default=True, help="Stacks worked on at one time.")


json_option = click.option(
    "--json", "machine", is_flag=True, help="Print events, one JSON object a line, and nothing else on stdout."
)


@click.command(epilog="Example: sluice plan --env dev --stack annuity")
@click.option(
    "--env", "environments", multiple=True, help="Environment to plan; repeat for several. All with --affected-since."
)
@stack_option
@jobs_option
@click.option("--affected-since", "revision", help="Only stacks that the change since this revision touches.")
@click.option("--read-only", is_flag=True, help="Plan as the role sluice-plan, without a lock; never to be applied.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep here: plans as JSON without secrets, digests, summaries; compares CloudFormation templates too.",
)
@json_option
@click.option("--exit-code", is_flag=True, help="Exit 1 when anything would change.")
def plan(
    environments: tuple[str, ...],
    stack: str | None,
    jobs: int,
    revision: str | None,
    read_only: bool,
    out: Path | None,
    machine: bool,
    exit_code: bool,
) -> None:
    """Say what an apply would change, destructive changes of stateful resources first.

    With --affected-since, stacks that only must be judged again, because a control changed, are planned for that.
    """
    root = Path.cwd()
    if not environments and not revision:
        raise click.UsageError("name an environment with --env, or what to compare with with --affected-since")
    touched = affected_since(root, revision) if revision else None
    chosen = environments or tuple(sorted({item.environment for item in touched.gate} if touched else ()))
    only = [item for item in touched.gate if stack in (None, item.name)] if touched else stack
    variables = dict(os.environ)
    reader = PlanReader(variables, everything=out is not None)
    told = Events() if machine else Console()
    templates = ComparedTemplates()
    with kept(root, reader, out, touched, templates):
        if out:
            templates.read(root, scope(root, chosen, only), variables, read_only=read_only)
        plan_all(root, chosen, variables, told, only=only, jobs=jobs, read_only=read_only, look=reader)
        templates.require_whole()
    gone = touched.decommission if touched else ()
    if isinstance(told, Events):
        for item in gone:
            told.emit("decommission", item)
        for plan in templates.plans:
            told.emit("compared", plan.key, counts=dict(plan.counts), destructive=len(plan.destructive))
    else:
        _tell(reader, gone)
        if templates.plans:
            click.echo(as_text(templates.plans))
    if exit_code and any(not item.is_empty for item in [*reader.shown.values(), *templates.plans]):
        raise click.exceptions.Exit(CHANGES)


def scope(root: Path, environments: tuple[str, ...], only: list[StackId] | str | None) -> list[StackId]:
    """Return the stacks that a plan, or a look at drift, is about."""
    if isinstance(only, list):
        return [item for item in only if item.environment in environments]
    return [item for name in environments for item in rendered_stacks(root, name) if only in (None, item.name)]


def _tell(reader: PlanReader, gone: tuple[StackId, ...]) -> None:
    """Print every plan, and which stacks are to be removed."""
    for _, shown in sorted(reader.shown.items()):
        click.echo(summary(shown))
    if not reader.shown:
        click.echo("no stack is touched: nothing to plan")
    for stack in gone:
        click.echo(f"{stack}: nothing renders it any more: sluice decommission {stack.name} --env {stack.environment}")


@click.command(epilog="Example: sluice apply --env dev --yes")
@environment_option
@stack_option
@jobs_option
@click.option("--yes", is_flag=True, help="Do not ask before each stack.")
@click.option("--dry-run", is_flag=True, help="Plan and judge, and apply nothing.")
@json_option
def apply(environments: tuple[str, ...], stack: str | None, jobs: int, yes: bool, dry_run: bool, machine: bool) -> None:
    """Plan each stack, judge the plan by the controls, and apply exactly that plan; asks first unless --yes."""
    if machine and not (yes or dry_run):
        raise click.UsageError("--json asks nobody: give --yes or --dry-run too")
    root, variables = Path.cwd(), dict(os.environ)
    told = Events() if machine else Console()
    if not dry_run:
        apply_all(root, environments, variables, told, only=stack, jobs=jobs if yes else 1, confirm=not yes)
        return
    plans = judge_all(root, environments, variables, told, only=stack, jobs=jobs)
    if not machine:
        for item in plans.values():
            click.echo(summary(item))


def judge_all(
    root: Path,
    environments: tuple[str, ...],
    variables: dict[str, str],
    console: Console | Events,
    *,
    only: str | None = None,
    jobs: int = 2,
) -> dict[StackId, Plan]:
    """Plan every stack of `environments`, judge what would be applied, and apply nothing."""
    interruption = Interruption()
    with interruption.listen(), progress(console) as (rows, _):

        def visit(stack: StackId) -> Plan:
            planned = plan_one(root, stack, interruption, variables, rows)
            _require_gate(root, planned, variables, rows)
            return planned

        return walk(root, environments, visit, only=only, jobs=jobs)


def _require_gate(root: Path, planned: Plan, variables: dict[str, str], rows: StackProgress) -> None:
    """Go on only with a plan that the gate lets through; one that changes nothing needs no verdict."""
    if not planned.is_empty:
        rows.judging(planned.stack)
        rows.gated(planned.stack, gating.brief(gating.require(root, planned, variables)))


def apply_all(
    root: Path,
    environments: tuple[str, ...],
    variables: dict[str, str],
    console: Console | Events,
    *,
    confirm: bool = False,
    only: str | None = None,
    jobs: int = 2,
    then: Callable[[StackId], object] = lambda stack: None,
) -> dict[StackId, Plan]:
    """Plan, judge and apply every stack of `environments`; return the plans that were applied.

    Args:
        console: who is told of the progress.
        confirm: ask before each apply.
        only: name of the one stack to work on in each environment.
        jobs: most stacks worked on at one time.
        then: called with each stack once it is applied, before those that depend on it.
    """
    interruption = Interruption()
    asking = Lock()
    with interruption.listen(), progress(console) as (rows, paused):

        def visit(stack: StackId) -> Plan:
            planned = plan_one(root, stack, interruption, variables, rows)
            _require_gate(root, planned, variables, rows)
            if confirm:
                with asking, paused():
                    _ask(planned)
            if not planned.is_empty:
                rows.applying(stack, len(planned.changes))
                done = apply_plan(root, planned, interruption, variables, rows)
                text = f"{done['add']} added, {done['change']} changed, {done['remove']} removed"
                rows.applied(stack, text, counts=done)
            then(stack)
            return planned

        return walk(root, environments, visit, only=only, jobs=jobs)


def _ask(planned: Plan) -> None:
    """Show `planned` and go on only at a yes."""
    click.echo(summary(planned))
    if not planned.is_empty and not click.confirm(f"Apply this plan to {planned.stack}?"):
        raise Declined(f"{planned.stack}: not applied, as you said")
