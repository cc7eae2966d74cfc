"""One Data Collector stand-in beside moto, with empty buckets for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.iam.models import iam_backends

from sandbox.context import Context
from sandbox.faults import Faults
from sandbox.streamsets import api as streamsets
from tests.sandbox.aws_in_process import ACCOUNT, client, serve
from tests.sandbox.collector_in_process import LANDING, RAW, Collector, make_instance_profile


@pytest.fixture(scope="module")
def aws() -> Iterator[tuple[str, dict[str, Any]]]:
    paths: dict[str, Any] = {}
    with serve(paths=paths) as endpoint:
        make_instance_profile(client("iam", endpoint))
        yield endpoint, paths
    iam_backends[ACCOUNT].reset()  # moto's state is the process's: the next module starts afresh


@pytest.fixture
def collector(aws: tuple[str, dict[str, Any]], tmp_path: Path) -> Iterator[Collector]:
    endpoint, paths = aws
    faults = Faults()
    paths[streamsets.PREFIX] = streamsets.wsgi(Context(endpoint, tmp_path, None, faults))
    s3 = client("s3", endpoint)
    for bucket in (LANDING, RAW):
        s3.create_bucket(Bucket=bucket)
    yield Collector(f"{endpoint}{streamsets.PREFIX}/{ACCOUNT}/rest/v1", s3, faults)
    for bucket in (LANDING, RAW):
        for each in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=each["Key"])
        s3.delete_bucket(Bucket=bucket)
