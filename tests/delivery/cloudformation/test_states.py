"""What moto never answers: every state of a stack, failed and empty change sets, refusals, waiting. By Stubber."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from delivery.cloudformation.approving import by_digest, nothing
from delivery.cloudformation.changes import Kind, ResourceChange, StackPlan
from delivery.cloudformation.deletions import plan_deletion
from delivery.cloudformation.execution import execute, stack_policy
from delivery.cloudformation.proposals import ForeignStack, TemplateRefused, propose
from delivery.cloudformation.rollout import CloudRefused, apply_stacks, plan_stacks
from delivery.cloudformation.stacks import StackFailed, Stacks, StackStuck, StackTimeout
from delivery.cloudformation.states import clear_way, continue_rollback, ready
from tests.delivery.cloudformation.conftest import QUEUE, TOPIC, wanted

NAME = "meridian-dev-claims-store"
ARN = f"arn:aws:cloudformation:us-east-1:111111111111:stack/{NAME}/1"
CHANGE_SET = f"arn:aws:cloudformation:us-east-1:111111111111:changeSet/sluice-{'0' * 32}/1"
TAGS = [{"Key": key, "Value": value} for key, value in sorted(wanted("store").tags.items())]


@pytest.fixture
def stub() -> Iterator[Stubber]:
    client = boto3.client("cloudformation", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def stacks(stub: Stubber, told: list[tuple[str, str]]) -> Stacks:
    return Stacks(
        stub.client, lambda *what: told.append(what), pause_seconds=1, patience_seconds=3, sleep=lambda _: None
    )


def is_in(stub: Stubber, *statuses: str, **more: Any) -> None:
    """Have the stack described in these states, one after another; an empty one is no stack."""
    for status in statuses:
        if status:
            stack = {
                "StackId": ARN,
                "StackName": NAME,
                "StackStatus": status,
                "CreationTime": "2026-11-01",
                "Tags": TAGS,
            }
            stub.add_response("describe_stacks", {"Stacks": [{**stack, **more}]})
        else:
            stub.add_client_error("describe_stacks", "ValidationError", f"Stack with id {NAME} does not exist")


def holds(stub: Stubber, **resources: tuple[str, str]) -> None:
    """Have the stack's resources listed: `Logical=(type, status)`."""
    listed = [
        {
            "LogicalResourceId": name,
            "PhysicalResourceId": f"{name.lower()}-1",
            "ResourceType": type,
            "ResourceStatus": status,
            "LastUpdatedTimestamp": "2026-11-01",
        }
        for name, (type, status) in resources.items()
    ]
    stub.add_response("list_stack_resources", {"StackResourceSummaries": listed})


def happened(stub: Stubber, *events: tuple[str, str, str]) -> None:
    """Have the stack's events listed, the newest first: (logical id, status, reason)."""
    listed = [
        {
            "StackId": ARN,
            "EventId": str(index),
            "StackName": NAME,
            "LogicalResourceId": name,
            "ResourceType": "AWS::SQS::Queue",
            "ResourceStatus": status,
            "ResourceStatusReason": reason,
            "Timestamp": "2026-11-01",
        }
        for index, (name, status, reason) in enumerate(events)
    ]
    stub.add_response("describe_stack_events", {"StackEvents": listed})


def makes(stub: Stubber, *pages: dict[str, Any]) -> None:
    """Have a change set made that is described so."""
    stub.add_response("create_change_set", {"Id": CHANGE_SET, "StackId": ARN})
    for page in pages:
        stub.add_response("describe_change_set", page)


def change(logical_id: str, type: str, action: str, **more: Any) -> dict[str, Any]:
    return {
        "Type": "Resource",
        "ResourceChange": {"LogicalResourceId": logical_id, "ResourceType": type, "Action": action, **more},
    }


def whole(*changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE", "Changes": list(changes), **more}


def is_discarded(stub: Stubber, *, with_stack: bool = False) -> None:
    stub.add_response("delete_change_set", {}, {"StackName": NAME, "ChangeSetName": CHANGE_SET})
    if with_stack:
        is_in(stub, "REVIEW_IN_PROGRESS")
        stub.add_response("delete_stack", {}, {"StackName": ARN})
        is_in(stub, "")


@pytest.mark.parametrize(
    "status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"]
)
def test_a_stack_at_rest_is_updated(stacks: Stacks, stub: Stubber, status: str) -> None:
    is_in(stub, status)
    found = ready(stacks, NAME)
    assert found is not None and found.status == status


@pytest.mark.parametrize("status", ["", "REVIEW_IN_PROGRESS"])
def test_where_there_is_none_one_is_created(stacks: Stacks, stub: Stubber, status: str) -> None:
    is_in(stub, status)
    assert ready(stacks, NAME) is None


def test_what_moves_is_waited_for(stacks: Stacks, stub: Stubber, told: list[tuple[str, str]]) -> None:
    is_in(stub, "UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE")
    assert ready(stacks, NAME) is not None
    assert [what for _, what in told] == ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"]


def test_patience_ends(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, *["CREATE_IN_PROGRESS"] * 4)
    with pytest.raises(StackTimeout, match="still CREATE_IN_PROGRESS"):
        ready(stacks, NAME)


def test_a_stack_that_is_deleted_meanwhile_is_none(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "DELETE_IN_PROGRESS", "")
    assert ready(stacks, NAME) is None


@pytest.mark.parametrize(
    ("status", "way_out"),
    [
        ("UPDATE_ROLLBACK_FAILED", "--continue-rollback"),
        ("ROLLBACK_FAILED", "delete by hand"),
        ("DELETE_FAILED", "delete-stack"),
        ("CREATE_FAILED", "delete the stack"),
        ("UPDATE_FAILED", "rollback-stack"),
        ("IMPORT_ROLLBACK_FAILED", "AWS Support"),
        ("SOMETHING_NEW", "does not know that state"),
    ],
)
def test_what_is_stuck_says_why_and_what_to_do(stacks: Stacks, stub: Stubber, status: str, way_out: str) -> None:
    is_in(stub, status)
    happened(
        stub,
        (NAME, status, "The following resource(s) failed"),
        ("Queue", "UPDATE_FAILED", "the queue is gone"),
        (NAME, "UPDATE_IN_PROGRESS", "User Initiated"),
        ("Queue", "CREATE_FAILED", "of an earlier attempt"),
    )
    with pytest.raises(StackStuck) as caught:
        ready(stacks, NAME)
    assert "Queue (AWS::SQS::Queue): the queue is gone" in caught.value.why
    assert "earlier" not in caught.value.why
    assert way_out in caught.value.fix
    assert caught.value.exit_code == 3


def test_a_creation_that_failed_is_cleared_away(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "ROLLBACK_COMPLETE")
    holds(stub, Topic=("AWS::SNS::Topic", "DELETE_SKIPPED"), Queue=("AWS::SQS::Queue", "DELETE_COMPLETE"))
    stub.add_response("delete_stack", {}, {"StackName": ARN})
    is_in(stub, "DELETE_IN_PROGRESS", "DELETE_COMPLETE")
    clear_way(stacks, NAME)


@pytest.mark.parametrize("type", ["AWS::SQS::Queue", "AWS::DynamoDB::Table", "Custom::Thing"])
def test_a_creation_that_left_data_is_not_cleared_away(stacks: Stacks, stub: Stubber, type: str) -> None:
    for step in (ready, clear_way):
        is_in(stub, "ROLLBACK_COMPLETE")
        holds(stub, Queue=(type, "DELETE_SKIPPED"))
        with pytest.raises(StackStuck, match=r"left data behind: Queue"):
            step(stacks, NAME)


def test_a_rollback_is_continued(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "UPDATE_ROLLBACK_FAILED")
    stub.add_response("continue_update_rollback", {}, {"StackName": ARN})
    continue_rollback(stacks, NAME)
    is_in(stub, "UPDATE_COMPLETE")
    continue_rollback(stacks, NAME)


def test_an_empty_change_set_is_removed(stacks: Stacks, stub: Stubber) -> None:
    for reason in ("The submitted information didn't contain changes. Submit …", "No updates are to be performed."):
        is_in(stub, "CREATE_COMPLETE")
        makes(stub, {"Status": "CREATE_IN_PROGRESS"}, {"Status": "FAILED", "StatusReason": reason})
        is_discarded(stub)
        assert propose(stacks, wanted("store")).is_empty


def test_a_failed_change_set_is_removed_with_the_stack_that_held_it(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "", "", "")
    makes(stub, {"Status": "FAILED", "StatusReason": "Transform is unsupported"})
    is_discarded(stub, with_stack=True)
    with pytest.raises(TemplateRefused, match="Transform is unsupported"):
        propose(stacks, wanted("store"))


@pytest.mark.parametrize("code", ["ValidationError", "InsufficientCapabilitiesException"])
def test_a_template_that_aws_does_not_take(stacks: Stacks, stub: Stubber, code: str) -> None:
    is_in(stub, "CREATE_COMPLETE")
    stub.add_client_error("create_change_set", code, "Parameter Size must be one of AllowedValues")
    with pytest.raises(TemplateRefused, match="AllowedValues") as caught:
        propose(stacks, wanted("store"))
    assert caught.value.exit_code == 2


def test_identities_are_told_of_and_only_where_there_are_some(stacks: Stacks, stub: Stubber) -> None:
    role = "Resources: {Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}}"
    for template, capabilities in ((TOPIC, []), (role, ["CAPABILITY_NAMED_IAM"])):
        is_in(stub, "CREATE_COMPLETE")
        expected = {
            "StackName": NAME,
            "ChangeSetName": ANY,
            "ChangeSetType": "UPDATE",
            "TemplateBody": template,
            "Parameters": [{"ParameterKey": "Size", "ParameterValue": "1"}],
            "Tags": TAGS,
            "Capabilities": capabilities,
        }
        stub.add_response("create_change_set", {"Id": CHANGE_SET, "StackId": ARN}, expected)
        stub.add_response("describe_change_set", whole())
        propose(stacks, wanted("store", template, Size="1"))


def test_a_change_set_is_read_to_its_end_and_the_worst_comes_first(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "CREATE_COMPLETE")
    makes(
        stub,
        whole(
            change("Added", "AWS::SQS::Queue", "Add"),
            change("Changed", "AWS::SQS::Queue", "Modify", Replacement="False"),
            change("Topic", "AWS::SNS::Topic", "Remove"),
            NextToken="2",
        ),
        whole(
            change("Certain", "AWS::S3::Bucket", "Modify", Replacement="True", PolicyAction="ReplaceAndRetain"),
            change("Perhaps", "AWS::RDS::DBInstance", "Modify", Replacement="Conditional"),
            change("Nested", "AWS::CloudFormation::Stack", "Dynamic"),
            change("Dropped", "AWS::KMS::Key", "Remove", PolicyAction="Retain"),
            change("Unheard", "AWS::DynamoDB::Table", "Remove"),
        ),
    )
    plan = propose(stacks, wanted("store"))
    assert [(item.logical_id, item.action) for item in plan.destructive] == [
        ("Certain", "replace"),
        ("Dropped", "remove"),
        ("Nested", "dynamic"),
        ("Perhaps", "replace"),
        ("Unheard", "remove"),
    ]
    assert [item.logical_id for item in plan.changes[5:]] == ["Added", "Changed", "Topic"]
    assert [item.logical_id for item in plan.changes if item.is_kept] == ["Certain", "Dropped"]


def test_the_digest_dies_with_what_it_names(stacks: Stacks, stub: Stubber) -> None:
    def digest(template: str = TOPIC, *changes: dict[str, Any], **stack: Any) -> str:
        is_in(stub, "CREATE_COMPLETE", **stack)
        makes(stub, whole(*changes))
        return propose(stacks, wanted("store", template)).digest

    added = change("A", "AWS::SNS::Topic", "Add"), change("B", "AWS::SNS::Topic", "Add")
    first = digest(TOPIC, *added)
    assert digest(TOPIC, *added[::-1]) == first
    others = [
        digest(QUEUE, *added),
        digest(TOPIC, added[0]),
        digest(TOPIC, *added, LastUpdatedTime="2026-11-02"),
        digest(TOPIC, *added, StackId=ARN.replace("/1", "/2")),
        digest(TOPIC, change("A", "AWS::SNS::Topic", "Modify", Replacement="True"), added[1]),
    ]
    assert len({first, *others}) == len(others) + 1


def test_a_change_set_of_somebody_else_is_left_alone(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "REVIEW_IN_PROGRESS", "REVIEW_IN_PROGRESS", "REVIEW_IN_PROGRESS")
    summary = {"StackName": NAME, "ChangeSetName": "by-hand", "ChangeSetId": CHANGE_SET}
    stub.add_response("list_change_sets", {"Summaries": [summary]})
    with pytest.raises(ForeignStack, match="by-hand"):
        propose(stacks, wanted("store"))


PLAN = StackPlan("dev", "claims", NAME, Kind.UPDATE, (), CHANGE_SET, "d" * 64)
REPLACED = ResourceChange("Queue", "AWS::SQS::Queue", "replace", "queue-1")


def test_an_approved_replacement_opens_the_stack_and_closes_it_again(stacks: Stacks, stub: Stubber) -> None:
    plan = StackPlan("dev", "claims", NAME, Kind.UPDATE, (REPLACED,), CHANGE_SET, "d" * 64)
    open_, closed = stack_policy(is_open=True), stack_policy()
    stub.add_response("set_stack_policy", {}, {"StackName": NAME, "StackPolicyBody": open_})
    stub.add_response("execute_change_set", {}, {"StackName": NAME, "ChangeSetName": CHANGE_SET})
    is_in(stub, "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
    stub.add_response("set_stack_policy", {}, {"StackName": NAME, "StackPolicyBody": closed})
    stub.add_response("set_stack_policy", {}, {"StackName": NAME, "StackPolicyBody": closed})
    stub.add_response("update_termination_protection", {}, {"StackName": NAME, "EnableTerminationProtection": True})
    apply_stacks(stacks, [plan], by_digest([plan.digest]))


def test_an_update_that_was_rolled_back_says_what_failed_first(stacks: Stacks, stub: Stubber) -> None:
    stub.add_response("set_stack_policy", {})
    stub.add_response("execute_change_set", {})
    is_in(stub, "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE")
    stub.add_response("set_stack_policy", {})
    happened(
        stub,
        ("Second", "UPDATE_FAILED", "Resource update cancelled"),
        ("First", "UPDATE_FAILED", "Access Denied"),
        (NAME, "UPDATE_IN_PROGRESS", "User Initiated"),
    )
    with pytest.raises(StackFailed) as caught:
        execute(stacks, PLAN)
    assert "UPDATE_ROLLBACK_COMPLETE" in caught.value.what
    assert caught.value.why.startswith("First (AWS::SQS::Queue): Access Denied")


def test_what_was_not_executed_is_removed(stacks: Stacks, stub: Stubber) -> None:
    """The second stack's change set must not wait for somebody to execute it in the console."""
    second = StackPlan("dev", "claims", NAME, Kind.UPDATE, (), f"{CHANGE_SET}2", "e" * 64)
    stub.add_response("set_stack_policy", {})
    stub.add_client_error("execute_change_set", "AccessDenied", "not authorized to perform: ExecuteChangeSet")
    stub.add_response("set_stack_policy", {})
    for change_set in (CHANGE_SET, second.change_set):
        stub.add_response("delete_change_set", {}, {"StackName": NAME, "ChangeSetName": change_set})
    with pytest.raises(CloudRefused, match="ExecuteChangeSet") as caught:
        apply_stacks(stacks, [PLAN, second], nothing)
    assert caught.value.exit_code == 3


def test_a_plan_that_fails_removes_those_before_it(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "CREATE_COMPLETE")
    makes(stub, whole(change("Topic", "AWS::SNS::Topic", "Add")))
    stub.add_client_error("describe_stacks", "AccessDenied", "no")
    is_discarded(stub)
    with pytest.raises(CloudRefused):
        plan_stacks(stacks, "dev", [wanted("store"), wanted("other")])


def deletes(stub: Stubber, template: Any, **resources: tuple[str, str]) -> None:
    is_in(stub, "CREATE_COMPLETE")
    stub.add_response("get_template", {"TemplateBody": template})
    holds(stub, **resources)


def test_a_deletion_says_what_is_lost_and_what_is_kept(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "CREATE_COMPLETE")
    stack = stacks.find(NAME)
    assert stack is not None
    for template, is_kept in (
        (QUEUE, True),
        ("[", False),
        ('{"Resources": {"Queue": {"DeletionPolicy": "Delete"}}}', False),
    ):
        deletes(
            stub,
            template,
            Queue=("AWS::SQS::Queue", "CREATE_COMPLETE"),
            Topic=("AWS::SNS::Topic", "UPDATE_COMPLETE"),
            Gone=("AWS::SQS::Queue", "DELETE_COMPLETE"),
        )
        plan = plan_deletion(stacks, "dev", "claims", stack)
        assert [(item.logical_id, item.is_kept) for item in plan.destructive] == [("Queue", is_kept)]
        assert [item.logical_id for item in plan.changes] == ["Queue", "Topic"]
        assert not plan.is_empty


def test_a_protected_stack_is_opened_and_closed_again_where_its_deletion_fails(stacks: Stacks, stub: Stubber) -> None:
    plan = StackPlan("dev", "claims", NAME, Kind.DELETE, digest="d" * 64)
    is_in(stub, "CREATE_COMPLETE", EnableTerminationProtection=True)
    stub.add_response("update_termination_protection", {}, {"StackName": NAME, "EnableTerminationProtection": False})
    stub.add_response("delete_stack", {}, {"StackName": ARN})
    is_in(stub, "DELETE_IN_PROGRESS", "DELETE_FAILED")
    stub.add_response("set_stack_policy", {})
    stub.add_response("update_termination_protection", {}, {"StackName": NAME, "EnableTerminationProtection": True})
    happened(
        stub, ("Bucket", "DELETE_FAILED", "The bucket is not empty"), (NAME, "DELETE_IN_PROGRESS", "User Initiated")
    )
    with pytest.raises(StackFailed, match="The bucket is not empty"):
        execute(stacks, plan)


def test_a_stack_that_cannot_be_deleted_now_is_told(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED")
    stack = stacks.find(NAME)
    assert stack is not None
    with pytest.raises(StackStuck, match="its template is gone from Git, and it is UPDATE_ROLLBACK_FAILED"):
        plan_deletion(stacks, "dev", "claims", stack)
