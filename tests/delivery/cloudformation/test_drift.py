"""Drift of stacks that exist, in the local cloud's CloudFormation: what it alone answers is in stubbed/."""

from __future__ import annotations

from typing import Any

from delivery.cloudformation.approving import nothing
from delivery.cloudformation.comparing import compare_stacks
from delivery.cloudformation.drift import drifted
from delivery.cloudformation.proposals import Wanted
from delivery.cloudformation.rollout import apply_stacks, plan_stacks
from delivery.cloudformation.stacks import Stacks
from delivery.drift import Kind
from tests.delivery.cloudformation.conftest import client, wanted

BOTH = """
Resources:
  Slow:
    Type: AWS::SQS::Queue
    Properties: {QueueName: claims-slow, VisibilityTimeout: 60}
  Told:
    Type: AWS::SNS::Topic
    Properties: {TopicName: claims-told}
  Log:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: /claims/both}
"""


def found(stacks: Stacks, stack: Wanted) -> dict[str, tuple[Kind, tuple[str, ...]]]:
    plans = compare_stacks(stacks, "dev", [stack], tenants=["claims"])
    items = drifted(stacks, "dev", plans, ["claims"], is_deployed=True)[stack.name]
    return {item.address: (item.kind, item.attributes) for item in items}


def test_hands_on_a_stacks_resources_are_found(stacks: Stacks, endpoint: str) -> None:
    stack = wanted("both", BOTH)
    apply_stacks(stacks, plan_stacks(stacks, "dev", [stack], tenants=["claims"]), nothing)
    not_compared = {"Log": (Kind.NOT_COMPARED, ())}
    assert found(stacks, stack) == not_compared

    sqs: Any = client("sqs", endpoint)
    url = sqs.get_queue_url(QueueName="claims-slow")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1", "DelaySeconds": "9"})
    changed = {"Slow": (Kind.CHANGED, ("VisibilityTimeout",))}
    assert found(stacks, stack) == not_compared | changed, "the template says nothing of a delay"

    sqs.delete_queue(QueueUrl=url)
    assert found(stacks, stack) == not_compared | {"Slow": (Kind.DELETED, ())}
