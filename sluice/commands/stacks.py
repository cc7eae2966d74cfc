"""`sluice plan` and `sluice apply`: the same walk over the stacks, with and without the last step."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock

import click
from rich.console import Console

from delivery.errors import DeliveryError
from delivery.plan import Plan
from delivery.plan import apply as apply_plan
from delivery.plan import plan as plan_stack
from delivery.supervision import Interruption
from delivery.walk import walk
from delivery.workspace import StackId
from sluice import gating
from sluice.progress import Board, TerraformRows

CHANGES = 1


class Declined(DeliveryError):
    """Somebody read the plan and said no."""

    exit_code = 1


environment_option = click.option(
    "--env", "environments", multiple=True, required=True, help="Environment to work on; repeat for several."
)
stack_option = click.option("--stack", help="Only this stack: `platform` or a tenant.")
jobs_option = click.option("--jobs", default=2, show_default=True, help="Stacks worked on at one time.")


@click.command(epilog="Example: sluice plan --env dev --stack annuity")
@environment_option
@stack_option
@jobs_option
@click.option("--exit-code", is_flag=True, help="Exit 1 when anything would change.")
def plan(environments: tuple[str, ...], stack: str | None, jobs: int, exit_code: bool) -> None:
    """Say what an apply would change, destructive changes of stateful resources first."""
    plans = plan_all(Path.cwd(), environments, dict(os.environ), Console(), only=stack, jobs=jobs)
    for item in plans.values():
        click.echo(summary(item))
    if exit_code and any(not item.is_empty for item in plans.values()):
        raise click.exceptions.Exit(CHANGES)


@click.command(epilog="Example: sluice apply --env dev --yes")
@environment_option
@stack_option
@jobs_option
@click.option("--yes", is_flag=True, help="Do not ask before each stack.")
def apply(environments: tuple[str, ...], stack: str | None, jobs: int, yes: bool) -> None:
    """Plan each stack, judge the plan by the controls, and apply exactly that plan; asks first unless --yes."""
    apply_all(
        Path.cwd(), environments, dict(os.environ), Console(), only=stack, jobs=jobs if yes else 1, confirm=not yes
    )


def plan_all(
    root: Path,
    environments: tuple[str, ...],
    variables: dict[str, str],
    console: Console,
    *,
    only: str | None = None,
    jobs: int = 2,
) -> dict[StackId, Plan]:
    """Plan every stack of `environments` and show the progress."""
    interruption = Interruption()
    with interruption.listen(), Board(console) as board:
        rows = TerraformRows(board)

        def visit(stack: StackId) -> Plan:
            return _plan(root, stack, interruption, variables, rows)

        return walk(root, environments, visit, only=only, jobs=jobs)


def _plan(
    root: Path, stack: StackId, interruption: Interruption, variables: dict[str, str], rows: TerraformRows
) -> Plan:
    """Plan one stack and show it in its row."""
    rows.planning(stack)
    planned = plan_stack(root, stack, interruption, variables, rows)
    rows.planned(stack, brief(planned))
    return planned


def apply_all(
    root: Path,
    environments: tuple[str, ...],
    variables: dict[str, str],
    console: Console,
    *,
    confirm: bool = False,
    only: str | None = None,
    jobs: int = 2,
    then: Callable[[StackId], object] = lambda stack: None,
) -> dict[StackId, Plan]:
    """Plan, judge and apply every stack of `environments`; return the plans that were applied.

    Args:
        confirm: ask before each apply.
        only: name of the one stack to work on in each environment.
        jobs: most stacks worked on at one time.
        then: called with each stack once it is applied, before those that depend on it.
    """
    interruption = Interruption()
    asking = Lock()
    with interruption.listen(), Board(console) as board:
        rows = TerraformRows(board)

        def visit(stack: StackId) -> Plan:
            planned = _plan(root, stack, interruption, variables, rows)
            if not planned.is_empty:
                rows.judging(stack)
                rows.gated(stack, gating.brief(gating.require(root, planned, variables)))
            if confirm:
                with asking, board.paused():
                    _ask(planned)
            if not planned.is_empty:
                rows.applying(stack, len(planned.changes))
                done = apply_plan(root, planned, interruption, variables, rows)
                rows.applied(stack, f"{done['add']} added, {done['change']} changed, {done['remove']} removed")
            then(stack)
            return planned

        return walk(root, environments, visit, only=only, jobs=jobs)


def _ask(planned: Plan) -> None:
    """Show `planned` and go on only at a yes."""
    click.echo(summary(planned))
    if not planned.is_empty and not click.confirm(f"Apply this plan to {planned.stack}?"):
        raise Declined(f"{planned.stack}: not applied, as you said")


def brief(planned: Plan) -> str:
    """Return a plan in one line."""
    if planned.is_empty:
        return "no changes"
    return ", ".join(f"{count} to {action}" for action, count in sorted(planned.counts.items())) or "outputs change"


def summary(planned: Plan) -> str:
    """Return a plan as people review it: what destroys data first, then every change."""
    lines = [f"{planned.stack}: {brief(planned)}"]
    lines += [f"  DESTROYS DATA  {change.action:<8} {change.address}" for change in planned.destructive]
    rest = [change for change in planned.changes if not change.is_destructive]
    lines += [f"  {change.action:<8} {change.address}" for change in rest]
    return "\n".join(lines)
