"""The plans of one environment that belong together: made from one release, judged and approved as a whole.

The platform is planned first. A tenant that reads what the platform's plan has yet to make cannot be planned before it
is applied; such tenants wait, and nothing is asked about them until then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from delivery.deploy.candidate import Candidate
from delivery.deploy.place import Hands, Place
from delivery.errors import TerraformFailed
from delivery.plan import plan
from delivery.plan_reading import ReadPlan, read_plan
from delivery.walk import walk
from delivery.workspace import PLATFORM, StackId, rendered_stacks


@dataclass(frozen=True)
class Batch:
    """Plans that are judged, approved and applied together.

    Attributes:
        reads: every plan that could be made, the empty ones too.
        waiting: `{stack: why it cannot be planned before the platform is applied}`.
    """

    reads: Mapping[StackId, ReadPlan]
    waiting: Mapping[StackId, str]

    @property
    def changing(self) -> dict[StackId, ReadPlan]:
        """Plans that would change something, the platform's first; the platform alone while others wait."""
        found = {stack: read for stack, read in sorted(self.reads.items(), key=_order) if not read.summary.is_empty}
        return {stack: read for stack, read in found.items() if stack.name == PLATFORM or not self.waiting}

    @property
    def judged(self) -> dict[StackId, ReadPlan]:
        """Plans that the gate must see: all of them, so that it can tell whether tenants reach each other."""
        return {stack: read for stack, read in self.reads.items() if stack.name == PLATFORM or not self.waiting}

    @property
    def digests(self) -> dict[str, str]:
        """`{<environment>/<stack>: digest}` of the plans that would change something."""
        return {str(stack): read.digest for stack, read in self.changing.items()}

    @property
    def platform(self) -> ReadPlan | None:
        return next((read for stack, read in self.changing.items() if stack.name == PLATFORM), None)

    @property
    def tenants(self) -> dict[StackId, ReadPlan]:
        return {stack: read for stack, read in self.changing.items() if stack.name != PLATFORM}


def plan_together(place: Place, made: Candidate, hands: Hands) -> Batch:
    """Plan every stack of the environment.

    Raises:
        StacksFailed: some stack cannot be planned.
    """
    waiting: dict[StackId, str] = {}
    platform = StackId(place.environment, PLATFORM)
    first = _planned(place, made.root, [platform], hands, waiting)
    changes = not first[platform].summary.is_empty
    rest = [stack for stack in rendered_stacks(made.root, place.environment) if stack != platform]
    return Batch({**first, **_planned(place, made.root, rest, hands, waiting, may_wait=changes)}, waiting)


def plan_tenants_again(place: Place, made: Candidate, hands: Hands, before: Batch) -> Batch:
    """Return the batch once its platform is applied: tenants planned anew, and nothing of the platform left to do."""
    tenants = [stack for stack in rendered_stacks(made.root, place.environment) if stack.name != PLATFORM]
    reads = {stack: _without_changes(read) for stack, read in before.reads.items() if stack.name == PLATFORM}
    return Batch({**reads, **_planned(place, made.root, tenants, hands, {})}, {})


def _without_changes(applied: ReadPlan) -> ReadPlan:
    """Return an applied plan as what it is now: what the gate needs to know of the stack, with nothing left to do."""
    return replace(applied, summary=replace(applied.summary, changes=(), scaled=(), outputs_change=False))


def _planned(
    place: Place,
    root: Path,
    stacks: Collection[StackId],
    hands: Hands,
    waiting: dict[StackId, str],
    *,
    may_wait: bool = False,
) -> dict[StackId, ReadPlan]:
    def visit(stack: StackId) -> ReadPlan | None:
        hands.watcher.planning(stack)
        try:
            read = read_plan(plan(root, stack, hands.interruption, place.variables, hands.watcher), place.variables)
        except TerraformFailed as error:
            if not may_wait:
                raise
            waiting[stack] = (error.diagnostics or [error.what])[0].partition("\n")[0]
            hands.watcher.planned(stack, "waits for the platform")
            return None
        counts = read.summary.counts
        text = ", ".join(f"{count} to {action}" for action, count in sorted(counts.items()))
        empty = "no changes" if read.summary.is_empty else "outputs change"
        hands.watcher.planned(stack, text or empty, counts=counts)
        return read

    if not stacks:
        return {}
    found = walk(root, [place.environment], visit, only=list(stacks), jobs=hands.jobs)
    return {stack: read for stack, read in found.items() if read is not None}


def _order(item: tuple[StackId, object]) -> tuple[bool, StackId]:
    return item[0].name != PLATFORM, item[0]
