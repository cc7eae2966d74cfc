"""The plans of one environment that belong together: made from one release, judged and approved as a whole.

Only stacks that may differ from what the environment runs are planned; for the others stand the plans that were kept.
The platform is planned first. A tenant that reads what the platform's plan has yet to make cannot be planned before it
is applied; such tenants wait, and nothing is asked about them until then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from delivery.cloudformation.changes import StackPlan
from delivery.deploy.candidate import Candidate
from delivery.deploy.lookups import Lookups, changed_types
from delivery.deploy.place import Hands, Place
from delivery.deploy.standing import Standing, kept_plans
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
        kept: `{stack: essence of its last plan, compressed}` of the stacks that were not planned.
        templates: what would be done to tenants' CloudFormation stacks, deletions last; none while a tenant waits.
    """

    reads: Mapping[StackId, ReadPlan]
    waiting: Mapping[StackId, str]
    kept: Mapping[StackId, bytes] = field(default_factory=dict)
    templates: tuple[StackPlan, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not self.changing and not self.templates

    @property
    def changing(self) -> dict[StackId, ReadPlan]:
        """Plans that would change something, the platform's first; the platform alone while others wait."""
        found = {stack: read for stack, read in sorted(self.reads.items(), key=_order) if not read.summary.is_empty}
        return {stack: read for stack, read in found.items() if stack.name == PLATFORM or not self.waiting}

    @property
    def judged(self) -> dict[StackId, ReadPlan]:
        """Plans that the gate must judge: all that were made, but for those whose platform is not applied yet."""
        return {stack: read for stack, read in self.reads.items() if stack.name == PLATFORM or not self.waiting}

    @property
    def beside(self) -> Mapping[StackId, bytes]:
        """Kept plans that the gate must see beside `judged`, to tell whether tenants reach each other."""
        return {} if self.waiting else self.kept

    @property
    def digests(self) -> dict[str, str]:
        """`{<environment>/<stack>: digest}` of the plans that would change something, of both tools."""
        own = {plan.key: plan.digest for plan in self.templates}
        return {**{str(stack): read.digest for stack, read in self.changing.items()}, **own}

    @property
    def platform(self) -> ReadPlan | None:
        return next((read for stack, read in self.changing.items() if stack.name == PLATFORM), None)

    @property
    def tenants(self) -> dict[StackId, ReadPlan]:
        return {stack: read for stack, read in self.changing.items() if stack.name != PLATFORM}


def plan_together(
    place: Place, made: Candidate, hands: Hands, known: Standing, also: Collection[str] = frozenset()
) -> Batch:
    """Plan every stack that may differ from what the environment runs, or whose kept plan cannot be relied on.

    Args:
        also: names of further stacks to plan.

    Raises:
        StacksFailed: some stack cannot be planned.
    """
    chosen = {*known.touched, *(stack for stack in known.stacks if stack.name in also)}
    if not chosen:
        return Batch({}, {})
    kept = kept_plans(place, known, set(known.stacks) - chosen)
    platform = [stack for stack in known.stacks if stack.name == PLATFORM and stack not in kept]
    waiting: dict[StackId, str] = {}
    first = _planned(place, made.root, platform, hands, waiting)
    changes = any(not read.summary.is_empty for read in first.values())
    rest = [stack for stack in known.stacks if stack.name != PLATFORM and stack not in kept]
    return Batch({**first, **_planned(place, made.root, rest, hands, waiting, may_wait=changes)}, waiting, kept)


def plan_tenants_again(place: Place, made: Candidate, hands: Hands, before: Batch) -> Batch:
    """Return the batch once its platform is applied: tenants planned anew, and nothing of the platform left to do.

    Planned are those that were, or waited, and each that looks up what the platform's apply may have changed.
    """
    platform, lookups = before.platform, Lookups(made.root)
    changed = changed_types(platform.document) if platform else set()
    kept = {stack: body for stack, body in before.kept.items() if not lookups.may_change(stack, changed)}
    stacks = rendered_stacks(made.root, place.environment)
    tenants = [stack for stack in stacks if stack.name != PLATFORM and stack not in kept]
    reads = {stack: _without_changes(read) for stack, read in before.reads.items() if stack.name == PLATFORM}
    return Batch({**reads, **_planned(place, made.root, tenants, hands, {})}, {}, kept)


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
