"""Stacks whose every answer a test gives."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber

from delivery.cloudformation.stacks import Stacks


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
