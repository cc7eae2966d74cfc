"""Change sets that are empty, fail or are read page by page, and the digest of what one would do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from delivery.cloudformation.comparing import SETTLED
from delivery.cloudformation.proposals import ForeignStack, TemplateRefused, propose
from delivery.cloudformation.rollout import CloudRefused, differing, plan_stacks
from delivery.cloudformation.stacks import Stacks
from tests.delivery.cloudformation.conftest import QUEUE, TOPIC, wanted
from tests.delivery.cloudformation.stubbed.answers import (
    ARN,
    CHANGE_SET,
    NAME,
    TAGS,
    change,
    is_discarded,
    is_in,
    makes,
    whole,
)


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


def test_a_stack_that_comes_again_has_another_digest(stacks: Stacks, stub: Stubber) -> None:
    digests = []
    for since in ("", "7", "7"):
        is_in(stub, "", "", "")
        makes(stub, whole(change("Topic", "AWS::SNS::Topic", "Add")))
        digests.append(propose(stacks, replace(wanted("store"), since=since)).digest)
    assert digests[0] != digests[1] == digests[2]


LOOKED_UP = "Parameters: {Image: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /image}}\n"


@pytest.mark.parametrize(
    ("status", "template", "is_sure"),
    [
        ("CREATE_COMPLETE", TOPIC, True),
        ("UPDATE_COMPLETE", TOPIC, True),
        ("UPDATE_ROLLBACK_COMPLETE", TOPIC, False),
        ("UPDATE_COMPLETE", TOPIC.replace("events", "facts"), False),
        ("UPDATE_COMPLETE", LOOKED_UP + TOPIC, False),
    ],
)
def test_a_change_set_is_made_unless_nothing_surely_changes(
    stacks: Stacks, stub: Stubber, status: str, template: str, is_sure: bool
) -> None:
    is_in(stub, status, Parameters=[{"ParameterKey": "Image", "ParameterValue": "/image"}] * ("Image" in template))
    if status in SETTLED and "Image" not in template:
        stub.add_response("get_template", {"TemplateBody": TOPIC})
    pending = differing(stacks, "dev", [wanted("store", template)], tenants=["claims"])
    assert (pending.wanted == []) is is_sure
    assert pending.gone == []


def test_a_change_set_of_somebody_else_is_left_alone(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "REVIEW_IN_PROGRESS", "REVIEW_IN_PROGRESS", "REVIEW_IN_PROGRESS")
    summary = {"StackName": NAME, "ChangeSetName": "by-hand", "ChangeSetId": CHANGE_SET}
    stub.add_response("list_change_sets", {"Summaries": [summary]})
    with pytest.raises(ForeignStack, match="by-hand"):
        propose(stacks, wanted("store"))


def test_a_plan_that_fails_removes_those_before_it(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "CREATE_COMPLETE", "CREATE_COMPLETE")
    makes(stub, whole(change("Topic", "AWS::SNS::Topic", "Add")))
    stub.add_client_error("describe_stacks", "AccessDenied", "no")
    is_discarded(stub)
    with pytest.raises(CloudRefused):
        plan_stacks(stacks, "dev", [wanted("store"), wanted("other")], tenants=["claims"])
