"""Real spark-submits as EMR steps: the `s3://` file system, arguments written for a cluster, a failing job's message.

Two JVMs start, side by side; every check inside the first is a test here.
"""

from __future__ import annotations

import ast
import io
import json
import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from moto.s3.models import s3_backends

from tests.sandbox.emr_in_process import ACCOUNT, RUNTIME_ROLE, LocalEmr, local_emr

pytestmark = [pytest.mark.sandbox, pytest.mark.spark]

JOB = Path(__file__).with_name("file_system_job.py")
BUCKET = "meridian-test-annuity-curated"
CODE = "meridian-test-platform-artifacts"
SMALL_JOB = "from pyspark.sql import SparkSession\nprint('rows', SparkSession.builder.getOrCreate().range(3).count())\n"
FOR_A_CLUSTER = ("--deploy-mode", "cluster", "--master", "yarn", "--conf", "spark.executor.memory=18g")
CHECKS = [
    node.name
    for node in ast.parse(JOB.read_text()).body
    if isinstance(node, ast.FunctionDef) and any(ast.unparse(each) == "check" for each in node.decorator_list)
]


@dataclass(frozen=True)
class Seen:
    """What was seen of the two steps: the first one's report and end, the second's end and output."""

    report: Mapping[str, str]
    failing: Mapping[str, Any]
    succeeding: Mapping[str, Any]
    controller: str
    stdout: str
    small_stdout: str


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    with local_emr(tmp_path_factory.mktemp("emr")) as cloud:
        _fill(cloud)
        defaults = [{"Classification": "spark-defaults", "Properties": {"spark.sql.ansi.enabled": "true"}}]
        cluster = cloud.run(
            "spark", StepConcurrencyLevel=2, SecurityConfiguration="runtime-roles", Configurations=defaults
        )
        first = ("spark-submit", *FOR_A_CLUSTER, "--py-files", f"s3://{CODE}/jobs.zip", f"s3://{CODE}/job.py", BUCKET)
        job = cloud.add(cluster, *first, ExecutionRoleArn=RUNTIME_ROLE)
        small = cloud.add(cluster, "spark-submit", f"s3://{CODE}/small.py", ExecutionRoleArn=RUNTIME_ROLE)
        succeeding = cloud.until_step(cluster, small, seconds=120)
        failing = cloud.until_step(cluster, job, seconds=120)
        stdout = cloud.log(cluster, job, "stdout")
        assert cloud.faults.list() == [], stdout
        report = cloud.client("s3").get_object(Bucket=BUCKET, Key="report.json")["Body"].read()
        yield Seen(
            json.loads(report),
            failing,
            succeeding,
            cloud.log(cluster, job, "controller"),
            stdout,
            cloud.log(cluster, small, "stdout"),
        )


def _fill(cloud: LocalEmr) -> None:
    """Put the code, what the checks expect to find, and the faults that they are to meet."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.create_bucket(Bucket=CODE)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as jobs:
        jobs.writestr("library.py", "ANSWER = 42\n")
    s3.put_object(Bucket=CODE, Key="jobs.zip", Body=archive.getvalue())
    s3.put_object(Bucket=CODE, Key="job.py", Body=JOB.read_bytes())
    s3.put_object(Bucket=CODE, Key="small.py", Body=SMALL_JOB.encode())
    s3.put_object(Bucket=BUCKET, Key="colon/at 10:30.txt", Body=b"text")
    s3.put_object(Bucket=BUCKET, Key="faulty/denied", Body=b"secret")
    longs = range(0, 9 << 20, 8)
    s3.put_object(Bucket=BUCKET, Key="large", Body=struct.pack(f">{len(longs)}q", *longs))
    for number in range(1005):
        s3_backends[ACCOUNT]["aws"].put_object(BUCKET, f"many/{number}", b"x")
    cloud.suffer("s3_error", match="faulty/denied", status=403, code="AccessDenied", method="HEAD")
    for method in ("PUT", "HEAD", "GET"):
        cloud.suffer("s3_error", match="faulty/slow", method=method)


@pytest.mark.parametrize("name", CHECKS)
def test_file_system(seen: Seen, name: str) -> None:
    assert seen.report[name] == "passed", seen.report[name]


def test_a_failing_job_is_heard_in_its_own_words(seen: Seen) -> None:
    assert seen.failing["State"] == "FAILED"
    message = "TrailerMismatch: policies as_of 2026-10-31: trailer says 200 details, file holds 199"
    assert seen.failing["FailureDetails"]["Message"] == message
    assert message in seen.stdout


def test_a_job_that_ends_well_is_completed(seen: Seen) -> None:
    assert seen.succeeding["State"] == "COMPLETED"
    assert seen.small_stdout == "rows 3\n"


def test_the_steps_ran_side_by_side(seen: Seen) -> None:
    first, second = seen.failing["Timeline"], seen.succeeding["Timeline"]
    assert first["StartDateTime"] < second["EndDateTime"]
    assert second["StartDateTime"] < first["EndDateTime"]


def test_the_log_says_what_was_left_out(seen: Seen) -> None:
    assert f"left out, for they mean a real cluster: {' '.join(FOR_A_CLUSTER)}" in seen.controller
