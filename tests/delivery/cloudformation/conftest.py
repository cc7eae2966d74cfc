"""A CloudFormation that works: moto's, completed as the local cloud completes it; and templates to use on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from delivery.cloudformation.proposals import Wanted
from delivery.cloudformation.stacks import Stacks
from sandbox.aws.services.cloudformation import cloudformation as service
from sandbox.aws.stack_keys import stack_keys
from tests.delivery.moto_endpoint import moto_endpoint

TOPIC = """
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties: {TopicName: claims-events}
"""
QUEUE = """
Resources:
  Queue:
    Type: AWS::SQS::Queue
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties: {QueueName: claims-in}
"""


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    service.install()
    stack_keys()
    with moto_endpoint() as address:
        yield address


@pytest.fixture
def told() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def stacks(endpoint: str, told: list[tuple[str, str]]) -> Stacks:
    return Stacks(client("cloudformation", endpoint), lambda *what: told.append(what), pause_seconds=0)


def client(name: Any, endpoint: str) -> Any:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client(name, endpoint_url=endpoint, region_name="us-east-1", **keys)  # type: ignore[call-overload]


def wanted(name: str, template: str = TOPIC, tenant: str = "claims", **parameters: str) -> Wanted:
    tags = {"env": "dev", "tenant": tenant, "sluice-template": name, "owner": "claims-data@meridian.example"}
    identity = ("env", "tenant", "sluice-template")
    path = f"tenants/{tenant}/cloudformation/{name}.yaml"
    return Wanted("dev", tenant, f"meridian-dev-{tenant}-{name}", path, template, parameters, tags, identity)
