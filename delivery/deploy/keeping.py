"""What one deploy keeps of the plans that it made, so that later ones need not make them again."""

from __future__ import annotations

from collections.abc import Mapping

from delivery.deploy.candidate import Candidate
from delivery.deploy.place import Place
from delivery.deploy.standing import Standing
from delivery.deploy.standing_plans import StandingPlan
from delivery.deploy.states import mark
from delivery.plan_essence import essence
from delivery.plan_reading import ReadPlan
from delivery.workspace import StackId


class Keeping:
    """Keeps plans of stacks that are as their plan says: applied ones, and ones that had nothing to do."""

    def __init__(self, place: Place, made: Candidate, known: Standing) -> None:
        self._place, self._made, self._known = place, made, known
        self._applied: dict[StackId, StandingPlan] = {}

    def applied(self, read: ReadPlan) -> None:
        """Keep a plan that was applied a moment ago, and the mark of the state that it has left."""
        stack = read.planned.stack
        left = mark(self._place.plans.client, self._made.root, stack)
        self._applied[stack] = self._kept(read, left)

    def ended(self, reads: Mapping[StackId, ReadPlan]) -> str:
        """Keep what is known of all stacks now that a deploy has ended well; return the digest for the ledger.

        Args:
            reads: the last plan of each stack that was planned.
        """
        found = dict(self._known.untouched)
        for stack, read in reads.items():
            found.pop(stack, None)
            if read.summary.is_empty and stack not in self._applied:
                found[stack] = self._kept(read, self._known.marks.get(stack, ""))
        found |= self._applied
        return self._place.plans.keep_list({str(stack): item for stack, item in sorted(found.items()) if item.state})

    def _kept(self, read: ReadPlan, state: str) -> StandingPlan:
        digest = self._place.plans.keep(essence(read.document))
        return StandingPlan(digest, state, str(read.document["terraform_version"]))
