"""When restoring a database was last tested, by what RDS and AWS Backup answer; each answer is the test's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from delivery.drift import Kind
from delivery.restore_tests import RestoreTests, RestoreTestsUnknown, databases
from delivery.restored import RestoreRecord

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
ARN = "arn:aws:rds:us-east-1:222222222222:db:meridian-prod-platform-authority"
ADDRESS = "module.authority_db.aws_db_instance.this"
PLAN = "arn:aws:backup:us-east-1:222222222222:restore-testing-plan:restore-1"
POINT = "arn:aws:rds:us-east-1:222222222222:snapshot:awsbackup:job-1"


def state(**values: Any) -> dict[str, Any]:
    database = {"address": ADDRESS, "type": "aws_db_instance", "mode": "managed", "values": {"arn": ARN, **values}}
    bucket = {"address": "aws_s3_bucket.a", "type": "aws_s3_bucket", "mode": "managed", "values": {}}
    return {"prior_state": {"values": {"root_module": {"child_modules": [{"resources": [database, bucket]}]}}}}


def job(days_ago: float, status: str = "COMPLETED", **more: Any) -> dict[str, Any]:
    begun = NOW - timedelta(days=days_ago)
    found = {"RestoreJobId": f"job-{days_ago}", "Status": status, "RecoveryPointArn": POINT, "CreationDate": begun}
    over = {} if status == "RUNNING" else {"CompletionDate": begun}
    return {**found, **over, "CreatedBy": {"RestoreTestingPlanArn": PLAN}, **more}


class Aws:
    """Both services, answering what they are told."""

    def __init__(self, backup: Any, rds: Any) -> None:
        self.backup, self.rds = Stubber(backup), Stubber(rds)

    def ask(self, *jobs: dict[str, Any], made_days_ago: float = 400) -> RestoreRecord:
        instance = {"InstanceCreateTime": NOW - timedelta(days=made_days_ago)}
        self.backup.add_response(
            "list_restore_jobs_by_protected_resource", {"RestoreJobs": list(jobs)}, {"ResourceArn": ARN}
        )
        self.rds.add_response(
            "describe_db_instances",
            {"DBInstances": [instance]},
            {"DBInstanceIdentifier": "meridian-prod-platform-authority"},
        )
        return self.read()

    def read(self) -> RestoreRecord:
        with self.backup, self.rds:
            (tested,) = RestoreTests(self.backup.client, self.rds.client, NOW).read(databases(state()))
        return tested


@pytest.fixture(scope="module")
def clients() -> list[Any]:
    session = boto3.Session("x", "x", region_name="us-east-1")
    return [session.client("backup"), session.client("rds")]


@pytest.fixture
def aws(clients: list[Any]) -> Aws:
    return Aws(*clients)


def test_a_young_test_is_evidence(aws: Aws) -> None:
    tested = aws.ask(job(120), job(22), job(52))
    assert tested.difference(NOW) is None
    assert tested.as_text() == (
        f"restore test of {ADDRESS}: COMPLETED 2026-11-01, job job-22, {POINT}; the next by 2027-01-30"
    )
    kept = tested.as_json(NOW)
    assert (kept["database"], kept["is_overdue"], kept["asked"]) == (ARN, False, "2026-11-23T02:00:00+00:00")
    assert kept["passed"] == {
        "job": "job-22",
        "status": "COMPLETED",
        "validation": "",
        "recovery_point": POINT,
        "plan": PLAN,
        "begun": "2026-11-01T02:00:00+00:00",
        "ended": "2026-11-01T02:00:00+00:00",
        "message": "",
    }


@pytest.mark.parametrize(
    ("jobs", "last"),
    [
        ([], "none passed since 2025-10-19"),
        ([job(91)], "COMPLETED 2026-08-24"),
        ([job(5, "FAILED"), job(91)], "COMPLETED 2026-08-24"),
        ([job(5, "FAILED")], "none passed since 2025-10-19, the newest FAILED"),
        ([job(1, "RUNNING")], "none passed since 2025-10-19, the newest RUNNING"),
        ([job(1, "ABORTED")], "none passed since 2025-10-19, the newest ABORTED"),
        ([job(1, ValidationStatus="FAILED")], "none passed since 2025-10-19, the newest COMPLETED"),
        ([job(1, CreatedBy={})], "none passed since 2025-10-19"),
    ],
)
def test_what_restored_nothing_for_90_days_is_found(aws: Aws, jobs: list[dict[str, Any]], last: str) -> None:
    difference = aws.ask(*jobs).difference(NOW)
    assert difference is not None
    assert (difference.address, difference.kind, difference.attributes) == (ADDRESS, Kind.UNTESTED, (last,))
    assert difference.kind.is_drift
    assert "restore testing plan" in difference.way_back


def test_the_ninetieth_day_is_young_enough(aws: Aws) -> None:
    assert aws.ask(job(90)).difference(NOW) is None


def test_a_database_that_is_younger_than_that_has_time(aws: Aws) -> None:
    tested = aws.ask(made_days_ago=20)
    assert tested.difference(NOW) is None
    assert tested.as_text() == f"no restore test of {ADDRESS} yet; the next by 2027-02-01"
    assert tested.difference(NOW + timedelta(days=71)) is not None


@pytest.mark.parametrize(
    "jobs",
    [
        [job(22, CompletionDate=NOW + timedelta(days=1))],
        [{key: value for key, value in job(22).items() if key != "CompletionDate"}],
        [{key: value for key, value in job(22).items() if key != "Status"}],
    ],
)
def test_an_answer_that_cannot_be_relied_on_is_no_verdict(aws: Aws, jobs: list[dict[str, Any]]) -> None:
    with pytest.raises(RestoreTestsUnknown) as caught:
        aws.ask(*jobs)
    assert caught.value.exit_code == 4
    assert ADDRESS in str(caught.value)


def test_a_refused_call_is_no_verdict(aws: Aws) -> None:
    aws.backup.add_client_error("list_restore_jobs_by_protected_resource", "AccessDeniedException", "may not")
    with pytest.raises(RestoreTestsUnknown, match="may not"):
        aws.read()
    aws.backup.add_response("list_restore_jobs_by_protected_resource", {"RestoreJobs": [job(22)]})
    aws.rds.add_client_error("describe_db_instances", "DBInstanceNotFound", "is not there")
    with pytest.raises(RestoreTestsUnknown, match="is not there"):
        aws.read()
