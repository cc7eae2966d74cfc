"""Drift of a stack: what CloudFormation finds in its resources, what reading finds in its template."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import Stubber

from delivery.cloudformation.changes import Kind as Change
from delivery.cloudformation.changes import ResourceChange, StackPlan
from delivery.cloudformation.drift import DriftUnknown, drifted
from delivery.cloudformation.rollout import CloudRefused
from delivery.cloudformation.stacks import Stacks, StackTimeout
from delivery.drift import Difference, Kind
from tests.delivery.cloudformation.stubbed.answers import ARN, NAME, holds, is_in

RUN = "b78ac9b0-dec1-11e7-a451-503a3example"
QUEUE = "AWS::SQS::Queue"
SAME = StackPlan("dev", "claims", NAME, Change.UPDATE, is_compared=True)


def looked_at(stub: Stubber, *statuses: str, **more: str) -> None:
    """Have CloudFormation compare the stack, which ends as the last of `statuses` says."""
    stub.add_response("detect_stack_drift", {"StackDriftDetectionId": RUN}, {"StackName": ARN})
    for status in statuses:
        answer = {"StackId": ARN, "StackDriftDetectionId": RUN, "DetectionStatus": status, "Timestamp": "2026-11-01"}
        stub.add_response("describe_stack_drift_detection_status", {**answer, **more}, {"StackDriftDetectionId": RUN})


def resource(name: str, status: str, *paths: str) -> dict[str, Any]:
    found = [
        {"PropertyPath": path, "ExpectedValue": "1", "ActualValue": "2", "DifferenceType": "NOT_EQUAL"}
        for path in paths
    ]
    return {
        "StackId": ARN,
        "LogicalResourceId": name,
        "ResourceType": QUEUE,
        "StackResourceDriftStatus": status,
        "PropertyDifferences": found,
        "Timestamp": "2026-11-01",
    }


def look(stacks: Stacks, plan: StackPlan = SAME, *, is_deployed: bool = True) -> list[Difference]:
    return drifted(stacks, "dev", [plan], ["claims"], is_deployed=is_deployed)[NAME]


def kinds(found: list[Difference]) -> dict[str, Kind]:
    return {item.address: item.kind for item in found}


def test_what_hands_did_to_resources_is_told_apart(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "UPDATE_COMPLETE")
    looked_at(stub, "DETECTION_IN_PROGRESS", "DETECTION_COMPLETE")
    first = [resource("Kept", "IN_SYNC"), resource("Slow", "MODIFIED", "/VisibilityTimeout", "/DelaySeconds")]
    stub.add_response("describe_stack_resource_drifts", {"StackResourceDrifts": first, "NextToken": "more"})
    second = {"StackResourceDrifts": [resource("Gone", "DELETED")]}
    stub.add_response("describe_stack_resource_drifts", second, {"StackName": ARN, "NextToken": "more"})
    entry = (QUEUE, "CREATE_COMPLETE")
    holds(stub, Kept=entry, Slow=entry, Gone=entry, Odd=("AWS::SNS::TopicPolicy", "CREATE_COMPLETE"))

    gone, slow, odd = look(stacks)
    assert (gone.address, gone.kind) == ("Gone", Kind.DELETED)
    assert (slow.address, slow.kind, slow.attributes) == ("Slow", Kind.CHANGED, ("DelaySeconds", "VisibilityTimeout"))
    assert gone.way_back and slow.way_back, "a change set of the same template would mend neither"
    assert (odd.address, odd.kind, odd.kind.is_drift) == ("Odd", Kind.NOT_COMPARED, False)


@pytest.mark.parametrize(
    ("change", "is_deployed", "kind"),
    [
        (Change.UPDATE, True, Kind.CHANGED),
        (Change.CREATE, True, Kind.DELETED),
        (Change.DELETE, True, Kind.NOT_DEPLOYED),
        (Change.UPDATE, False, Kind.NOT_DEPLOYED),
        (Change.CREATE, False, Kind.NOT_DEPLOYED),
    ],
)
def test_another_template_was_a_hand_where_the_release_is_the_one_that_runs(
    stacks: Stacks, stub: Stubber, change: Change, is_deployed: bool, kind: Kind
) -> None:
    stub.add_response("describe_stacks", {"Stacks": []})
    plan = StackPlan("dev", "claims", NAME, change, (ResourceChange("Queue", QUEUE, "modify"),), is_compared=True)
    (found,) = look(stacks, plan, is_deployed=is_deployed)
    assert (found.kind, found.way_back) == (kind, "")


def test_what_was_not_compared_whole_is_no_drift_and_no_peace(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "UPDATE_COMPLETE")
    looked_at(stub, "DETECTION_FAILED", DetectionStatusReason="not authorized to perform: sqs:GetQueueAttributes")
    with pytest.raises(DriftUnknown) as caught:
        look(stacks)
    assert caught.value.exit_code == 3
    assert "sqs:GetQueueAttributes" in str(caught.value)


def test_a_comparison_without_an_end_is_given_up(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "UPDATE_COMPLETE")
    looked_at(stub, *["DETECTION_IN_PROGRESS"] * 4)
    with pytest.raises(StackTimeout):
        look(stacks)


def test_a_refused_call_is_told(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "UPDATE_COMPLETE")
    stub.add_client_error("detect_stack_drift", "AccessDenied", "sluice-plan may not")
    with pytest.raises(CloudRefused, match="sluice-plan may not"):
        look(stacks)


@pytest.mark.parametrize("status", ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"])
def test_a_stack_that_holds_nothing_is_not_compared(stacks: Stacks, stub: Stubber, status: str) -> None:
    is_in(stub, status)
    assert look(stacks) == []


def test_stacks_of_others_are_left_alone(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "UPDATE_COMPLETE", Tags=[{"Key": "team", "Value": "elsewhere"}])
    assert drifted(stacks, "dev", [], ["claims"], is_deployed=True) == {}
