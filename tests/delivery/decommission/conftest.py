"""An account of moto with the buckets that an environment's bootstrap makes; one server a file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from delivery.tagged import Clients
from generator.model import EnvironmentSpec
from generator.names import Names
from generator.spec import load_environment

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def prod() -> EnvironmentSpec:
    return load_environment(REPOSITORY, "prod")


@pytest.fixture(scope="module")
def clients(prod: EnvironmentSpec) -> Iterator[Clients]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()

    @cache
    def client(service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=f"http://{host}:{port}",
            region_name=prod.region,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    client("s3").create_bucket(Bucket=Names(prod).bucket("ledger"))
    yield client
    server.stop()
