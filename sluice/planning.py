"""Planning many stacks and saying what came of it: the part that `plan`, `apply`, `drift` and `deploy` share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from rich.console import Console

from delivery.plan import Plan
from delivery.plan import plan as plan_stack
from delivery.plan_reading import ReadPlan, read_plan
from delivery.plan_summary import StackSummary
from delivery.supervision import Interruption
from delivery.walk import walk
from delivery.workspace import StackId
from sluice.events import Events, StackEvents
from sluice.progress import Board, StackProgress, TerraformRows

Shown = Plan | StackSummary
"""What is said of a plan: as Terraform's events told it, or as its JSON does, which knows what scales by itself."""
Pause = Callable[[], AbstractContextManager[None]]


class PlanReader:
    """Reads plans as they are made.

    Attributes:
        reads: the plans that were read.
        shown: what to say of every plan.
    """

    def __init__(self, variables: Mapping[str, str], *, everything: bool) -> None:
        """Read only plans in which something may have scaled by itself, unless `everything`."""
        self._variables = variables
        self._everything = everything
        self.reads: dict[StackId, ReadPlan] = {}
        self.shown: dict[StackId, Shown] = {}

    def __call__(self, planned: Plan) -> Shown:
        shown: Shown = planned
        if self._everything or planned.may_have_scaled:
            read = self.reads[planned.stack] = read_plan(planned, self._variables)
            shown = read.summary
        self.shown[planned.stack] = shown
        return shown


def plan_all(
    root: Path,
    environments: tuple[str, ...],
    variables: dict[str, str],
    console: Console | Events,
    *,
    only: str | Collection[StackId] | None = None,
    jobs: int = 2,
    read_only: bool = False,
    look: Callable[[Plan], Shown] = lambda planned: planned,
) -> dict[StackId, Plan]:
    """Plan every stack of `environments` and show the progress.

    Args:
        console: who is told of the progress.
        only: name of the one stack to plan in each environment, or the stacks to plan.
        look: returns what to say of a plan; called as soon as it is made, beside others.
    """
    interruption = Interruption()
    with interruption.listen(), progress(console) as (rows, _):

        def visit(stack: StackId) -> Plan:
            return plan_one(root, stack, interruption, variables, rows, read_only=read_only, look=look)

        return walk(root, environments, visit, only=only, jobs=jobs)


def plan_one(
    root: Path,
    stack: StackId,
    interruption: Interruption,
    variables: dict[str, str],
    rows: StackProgress,
    *,
    read_only: bool = False,
    look: Callable[[Plan], Shown] = lambda planned: planned,
) -> Plan:
    """Plan one stack and show it in its row."""
    rows.planning(stack)
    planned = plan_stack(root, stack, interruption, variables, rows, read_only=read_only)
    shown = look(planned)
    rows.planned(stack, brief(shown), counts=shown.counts)
    return planned


@contextmanager
def progress(console: Console | Events) -> Iterator[tuple[StackProgress, Pause]]:
    """Give who is told of the stacks: rows for people, or events; and how to hold the rows still."""
    if isinstance(console, Events):
        yield StackEvents(console), nullcontext
        return
    with Board(console) as board:
        yield TerraformRows(board), board.paused


def brief(shown: Shown) -> str:
    """Return a plan in one line."""
    if shown.is_empty:
        return "no changes"
    return ", ".join(f"{count} to {action}" for action, count in sorted(shown.counts.items())) or "outputs change"


def summary(shown: Shown) -> str:
    """Return a plan as people review it: what destroys data first, then every change."""
    lines = [f"{shown.stack}: {brief(shown)}"]
    lines += [f"  DESTROYS DATA  {change.action:<8} {change.address}" for change in shown.destructive]
    rest = [change for change in shown.changes if not change.is_destructive]
    lines += [f"  {change.action:<8} {change.address}" for change in rest]
    return "\n".join(lines)
