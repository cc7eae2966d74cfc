"""Stacks that come, change, stay and go, on moto: what is left behind, and what is protected."""

from __future__ import annotations

import json
from typing import Any

import pytest

from delivery.cloudformation.approving import Destructive, by_digest, nothing
from delivery.cloudformation.changes import Kind
from delivery.cloudformation.execution import stack_policy
from delivery.cloudformation.proposals import ForeignStack, TemplateRefused
from delivery.cloudformation.rollout import apply_stacks, differing, discard_plans, plan_stacks
from delivery.cloudformation.stacks import Stacks
from tests.delivery.cloudformation.conftest import QUEUE, TOPIC, client, wanted


def deploy(stacks: Stacks, *items: Any, approves: Any = nothing, tenant: str = "claims") -> Any:
    return apply_stacks(stacks, plan_stacks(stacks, "dev", items, tenants=[tenant]), approves)


def change_sets(stacks: Stacks, name: str) -> list[str]:
    found = stacks.client.list_change_sets(StackName=name)["Summaries"]
    return [item["Status"] for item in found if item["StackName"] == name and item["ExecutionStatus"] == "AVAILABLE"]


def test_a_template_becomes_a_protected_stack(stacks: Stacks, told: list[tuple[str, str]]) -> None:
    (done,) = deploy(stacks, wanted("events"))
    assert (done.kind, [change.action for change in done.changes]) == (Kind.CREATE, ["add"])
    stack = stacks.find("meridian-dev-claims-events")
    assert stack is not None
    assert (stack.status, stack.is_protected, stack.tags["tenant"]) == ("CREATE_COMPLETE", True, "claims")
    policy = stacks.client.get_stack_policy(StackName=stack.name)["StackPolicyBody"]
    assert policy == stack_policy()
    assert ("meridian-dev-claims-events", "executing its change set") in told
    deploy(stacks, approves=by_digest([]))  # it has no data: it goes without an approval


def test_what_has_not_changed_is_left_alone(stacks: Stacks) -> None:
    deploy(stacks, wanted("same"))
    (plan,) = plan_stacks(stacks, "dev", [wanted("same")], tenants=["claims"])
    assert plan.is_empty
    assert apply_stacks(stacks, [plan], nothing) == []
    other = wanted("same", TOPIC + "  More: {Type: AWS::SNS::Topic, Properties: {TopicName: claims-more}}\n")
    assert differing(stacks, "dev", [wanted("same")], tenants=["claims"]).tenants == frozenset()
    assert differing(stacks, "dev", [other], tenants=["claims"]).wanted == [other]
    ((gone, tenant),) = differing(stacks, "dev", [], tenants=["claims"]).gone
    assert (gone.name, tenant) == (plan.name, "claims")
    deploy(stacks)


def test_a_changed_template_updates_its_stack(stacks: Stacks) -> None:
    deploy(stacks, wanted("grows"))
    more = TOPIC + "  More: {Type: AWS::SNS::Topic, Properties: {TopicName: claims-more}}\n"
    (done,) = deploy(stacks, wanted("grows", more))
    assert (done.kind, [(change.action, change.logical_id) for change in done.changes]) == (
        Kind.UPDATE,
        [("add", "More")],
    )
    stack = stacks.find("meridian-dev-claims-grows")
    assert stack is not None and stack.status == "UPDATE_COMPLETE"
    deploy(stacks)


def test_planning_leaves_nothing(stacks: Stacks) -> None:
    plans = plan_stacks(stacks, "dev", [wanted("planned")], tenants=["claims"])
    assert change_sets(stacks, "meridian-dev-claims-planned") == ["CREATE_COMPLETE"]
    discard_plans(stacks, plans)
    assert stacks.find("meridian-dev-claims-planned") is None


def test_the_same_plan_made_again_has_the_same_digest(stacks: Stacks) -> None:
    digests = set()
    for _ in range(2):
        plans = plan_stacks(stacks, "dev", [wanted("twice")], tenants=["claims"])
        digests.add(plans[0].digest)
        discard_plans(stacks, plans)
    other = plan_stacks(stacks, "dev", [wanted("twice", TOPIC.replace("events", "facts"))], tenants=["claims"])
    discard_plans(stacks, other)
    assert len(digests) == 1
    assert other[0].digest not in digests


def test_what_an_interrupted_run_left_is_cleared_away(stacks: Stacks) -> None:
    plan_stacks(stacks, "dev", [wanted("killed")], tenants=["claims"])
    (done,) = deploy(stacks, wanted("killed"))
    assert done.kind is Kind.CREATE
    deploy(stacks)


def test_a_stack_without_a_template_is_deleted(stacks: Stacks, endpoint: str) -> None:
    deploy(stacks, wanted("gone"), wanted("stays", TOPIC.replace("events", "stays")))
    (done,) = deploy(stacks, wanted("stays", TOPIC.replace("events", "stays")))
    assert (done.kind, done.name) == (Kind.DELETE, "meridian-dev-claims-gone")
    assert stacks.find("meridian-dev-claims-gone") is None
    topics = [item["TopicArn"] for item in client("sns", endpoint).list_topics()["Topics"]]
    assert not any(arn.endswith("claims-events") for arn in topics)
    deploy(stacks)


def test_stacks_of_others_are_left_alone(stacks: Stacks) -> None:
    stacks.client.create_stack(StackName="by-hand", TemplateBody=QUEUE, Tags=[{"Key": "env", "Value": "dev"}])
    deploy(stacks, wanted("mine", tenant="annuity"), tenant="annuity")
    assert plan_stacks(stacks, "dev", [], tenants=["claims"]) == []
    assert plan_stacks(stacks, "prod", [], tenants=["annuity"]) == []
    assert plan_stacks(stacks, "dev", [], tenants=[]) == []  # of a tenant that Git has no more: it is decommissioned
    assert [plan.name for plan in plan_stacks(stacks, "dev", [], tenants=["annuity"])] == ["meridian-dev-annuity-mine"]


def test_data_goes_only_with_an_approval_of_that_very_deletion(stacks: Stacks) -> None:
    deploy(stacks, wanted("store", QUEUE))
    plans = plan_stacks(stacks, "dev", [], tenants=["claims"])
    with pytest.raises(Destructive) as caught:
        apply_stacks(stacks, plans, nothing)
    assert caught.value.exit_code == 1
    assert "remove Queue (AWS::SQS::Queue" in str(caught.value)
    with pytest.raises(Destructive, match=f"--approve {plans[0].digest}"):
        apply_stacks(stacks, plans, by_digest(["0" * 64]))
    assert stacks.find("meridian-dev-claims-store") is not None
    apply_stacks(stacks, plans, by_digest([plans[0].digest]))
    assert stacks.find("meridian-dev-claims-store") is None


def test_nothing_is_executed_unless_everything_is_approved(stacks: Stacks) -> None:
    deploy(stacks, wanted("old", QUEUE))
    with pytest.raises(Destructive):
        deploy(stacks, wanted("new", TOPIC.replace("events", "new")))
    assert stacks.find("meridian-dev-claims-new") is None
    plans = plan_stacks(stacks, "dev", [], tenants=["claims"])
    apply_stacks(stacks, plans, by_digest([plan.digest for plan in plans]))


def test_a_stack_of_that_name_that_is_another_is_refused(stacks: Stacks) -> None:
    stacks.client.create_stack(StackName="meridian-dev-claims-taken", TemplateBody=TOPIC)
    with pytest.raises(ForeignStack, match="sluice-template"):
        plan_stacks(stacks, "dev", [wanted("taken")], tenants=["claims"])


def test_a_template_that_is_too_long_is_refused(stacks: Stacks) -> None:
    with pytest.raises(TemplateRefused, match="51200"):
        plan_stacks(stacks, "dev", [wanted("long", TOPIC + "#" * 51_200)], tenants=["claims"])


def test_a_stack_policy_protects_what_holds_data() -> None:
    statements = json.loads(stack_policy())["Statement"]
    denied = statements[1]
    assert (denied["Effect"], denied["Action"]) == ("Deny", ["Update:Replace", "Update:Delete"])
    types = denied["Condition"]["StringEquals"]["ResourceType"]
    assert {"AWS::S3::Bucket", "AWS::KMS::Key", "AWS::RDS::DBInstance"} <= set(types)
    assert "AWS::SNS::Topic" not in types
    assert len(json.loads(stack_policy(is_open=True))["Statement"]) == 1
