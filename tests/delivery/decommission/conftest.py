"""An account of moto with the buckets that an environment's bootstrap makes; one server a file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest

from delivery.tagged import Clients
from generator.model import EnvironmentSpec
from generator.names import Names
from generator.spec import load_environment
from tests.delivery.moto_endpoint import moto_endpoint

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def prod() -> EnvironmentSpec:
    return load_environment(REPOSITORY, "prod")


@pytest.fixture(scope="module")
def clients(prod: EnvironmentSpec) -> Iterator[Clients]:
    with moto_endpoint() as endpoint:

        @cache
        def client(service: str) -> Any:
            return boto3.client(
                service,  # type: ignore[call-overload]
                endpoint_url=endpoint,
                region_name=prod.region,
                aws_access_key_id="testing",
                aws_secret_access_key="testing",
            )

        client("s3").create_bucket(Bucket=Names(prod).bucket("ledger"))
        yield client
