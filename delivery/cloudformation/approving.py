"""What lets a change set that replaces or deletes data through: an approval of exactly its digest, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from delivery.cloudformation.changes import StackPlan
from delivery.errors import DeliveryError

Approves = Callable[[Sequence[StackPlan]], None]
"""Given every plan that destroys; raises a DeliveryError unless all of them are approved."""


class Destructive(DeliveryError):
    """A change set replaces or deletes what holds data, and nobody has approved it."""

    exit_code = 1

    def __init__(self, plans: Sequence[StackPlan], fix: str) -> None:
        self.plans = tuple(plans)
        lines = [
            f"{change.action} {change.logical_id} ({change.type} {change.physical_id})"
            for plan in plans
            for change in plan.destructive
        ]
        super().__init__(
            f"{', '.join(plan.key for plan in plans)}: lets go of what holds data, and is not approved",
            why="\n            ".join(lines),
            fix=fix,
        )


def nothing(plans: Sequence[StackPlan]) -> None:
    """Approve nothing.

    Raises:
        Destructive: always.
    """
    raise Destructive(plans, "change the template so that it keeps them")


def by_digest(digests: Collection[str]) -> Approves:
    """Return the approval of an environment without approvers: whoever has read a plan names its digest."""

    def approve(plans: Sequence[StackPlan]) -> None:
        refused = [plan for plan in plans if plan.digest not in digests]
        if refused:
            named = " ".join(f"--approve {plan.digest}" for plan in refused)
            raise Destructive(refused, f"read what is lost; if it may be: {named}")

    return approve
