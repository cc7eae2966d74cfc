"""Drift of tenants' CloudFormation stacks, in the words of `sluice drift`.

CloudFormation compares a stack's resources with the template that it has; reading compares that template with a tree's.
Neither makes a change set.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from delivery.cloudformation.changes import Kind as Change
from delivery.cloudformation.changes import StackPlan
from delivery.cloudformation.deletions import made_by_templates
from delivery.cloudformation.rollout import told_plainly
from delivery.cloudformation.stacks import UPDATABLE, Stack, Stacks
from delivery.drift import Difference, Kind
from delivery.errors import DeliveryError

BY_HAND: Mapping[str, Kind] = {"MODIFIED": Kind.CHANGED, "DELETED": Kind.DELETED}
"""{what CloudFormation says of a resource: how that came about}; a change set of the same template mends neither."""
COMPARED = frozenset({*BY_HAND, "IN_SYNC"})
WITH_A_RELEASE: Mapping[Change, Kind] = {Change.CREATE: Kind.DELETED, Change.UPDATE: Kind.CHANGED}
"""{what would be done to a stack of the release that runs: what a hand did to it}; else nobody has deployed it yet."""


class DriftUnknown(DeliveryError):
    """CloudFormation could not compare a stack with its template, or not all of it."""


def drifted(
    stacks: Stacks, environment: str, plans: Sequence[StackPlan], tenants: Collection[str], *, is_deployed: bool
) -> dict[str, list[Difference]]:
    """Return `{stack: what is not as its template, or the tree, says}` of every stack of `tenants`, drift first.

    Args:
        plans: what reading says would be done to the stacks; see `comparing.compare_stacks`.
        is_deployed: the plans are of the release that the environment runs, so that what differs was a hand.

    Raises:
        DriftUnknown, CloudRefused, StackTimeout: see there.
    """
    found = {plan.name: list(_from_reading(plan, is_deployed=is_deployed)) for plan in plans}
    for name, items in told_plainly(environment, partial(_detected, stacks, environment, tenants)).items():
        known = {item.address for item in found.get(name, ())}
        found.setdefault(name, []).extend(item for item in items if item.address not in known)
    order = list(Kind)
    return {
        name: sorted(items, key=lambda item: (order.index(item.kind), item.address)) for name, items in found.items()
    }


def _from_reading(plan: StackPlan, *, is_deployed: bool) -> Iterator[Difference]:
    kind = WITH_A_RELEASE.get(plan.kind, Kind.NOT_DEPLOYED) if is_deployed else Kind.NOT_DEPLOYED
    for change in plan.changes:
        yield Difference(change.logical_id, change.type, kind)


def _detected(stacks: Stacks, environment: str, tenants: Collection[str]) -> dict[str, list[Difference]]:
    """Have CloudFormation compare all stacks at one time, since each takes minutes, and return what it has found."""
    own = [
        stack for stack in made_by_templates(stacks.all(), environment, tenants) if stack.status in UPDATABLE
    ]  # of any other, what reading says is all that is to be said, or it was refused there
    runs = [(stack, stacks.client.detect_stack_drift(StackName=stack.id)["StackDriftDetectionId"]) for stack in own]
    for stack, run in runs:
        _require_whole(stack, stacks.wait_for("being compared with its template", stack.name, _look(stacks, run)))
    return {stack.name: list(_by_hand(stacks, stack)) for stack in own}


def _look(stacks: Stacks, run: str) -> Any:
    def look() -> Mapping[str, Any] | None:
        answer: Mapping[str, Any] = stacks.client.describe_stack_drift_detection_status(StackDriftDetectionId=run)
        return None if answer["DetectionStatus"] == "DETECTION_IN_PROGRESS" else answer

    return look


def _require_whole(stack: Stack, answer: Mapping[str, Any]) -> None:
    if answer["DetectionStatus"] != "DETECTION_COMPLETE":
        raise DriftUnknown(
            f"{stack.name}: CloudFormation could not compare all of it with its template",
            why=answer.get("DetectionStatusReason", "CloudFormation gives no reason"),
            fix="who looks must be able to read every resource of the stack: the reason names what was refused",
        )


def _by_hand(stacks: Stacks, stack: Stack) -> Iterator[Difference]:
    """Yield what differs, and what CloudFormation has not looked at, since it cannot do so for every type."""
    looked_at = {item["LogicalResourceId"]: item for item in _drifts(stacks, stack)}
    for item in stacks.resources(stack):
        name, type_ = item["LogicalResourceId"], item["ResourceType"]
        answer = looked_at.get(name, {})
        status = answer.get("StackResourceDriftStatus", "")
        if status in BY_HAND:
            paths = sorted(entry["PropertyPath"].lstrip("/") for entry in answer.get("PropertyDifferences", ()))
            yield Difference(name, type_, BY_HAND[status], tuple(paths), _way_back(status))
        elif status not in COMPARED and item["ResourceStatus"] != "DELETE_COMPLETE":
            yield Difference(name, type_, Kind.NOT_COMPARED)


def _way_back(status: str) -> str:
    if status == "DELETED":
        return "take it from its template, deploy, put it back, and deploy again"
    return "set it back by hand to what its template says"


def _drifts(stacks: Stacks, stack: Stack) -> Iterator[Mapping[str, Any]]:
    more: dict[str, str] = {}
    while True:
        page = stacks.client.describe_stack_resource_drifts(StackName=stack.id, **more)
        yield from page["StackResourceDrifts"]
        if not page.get("NextToken"):
            return
        more = {"NextToken": page["NextToken"]}
