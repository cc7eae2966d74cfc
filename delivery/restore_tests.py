"""Asks AWS when restoring a stack's databases was last tested.

A plan shows that tests are scheduled (CSO_RDS_03_RESTORE); that one has passed, and when, stands in AWS Backup alone.
What cannot be read is no verdict, never a pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from delivery import aws
from delivery.drift import managed
from delivery.errors import DeliveryError
from delivery.restored import RestoreRecord, RestoreTest
from generator.model import EnvironmentSpec

SKEW = timedelta(hours=1)
"""By which AWS's clock may be ahead of ours."""
OVER = frozenset({"ABORTED", "COMPLETED", "FAILED"})
"""Statuses of a job that has ended."""


class RestoreTestsUnknown(DeliveryError):
    """AWS did not say, or not so that it can be relied on, when restoring a database was tested."""

    exit_code = 4


class _Odd(Exception):
    """An answer holds what cannot be."""


@dataclass(frozen=True)
class Described:
    """How RDS tells of one type of database: the operation, what it is asked by, and where its answer has the time."""

    operation: str
    parameter: str
    things: str
    made: str


DATABASES: Mapping[str, Described] = {
    "aws_db_instance": Described("describe_db_instances", "DBInstanceIdentifier", "DBInstances", "InstanceCreateTime"),
    "aws_rds_cluster": Described("describe_db_clusters", "DBClusterIdentifier", "DBClusters", "ClusterCreateTime"),
}


def databases(plan: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the databases that a stack's state holds: address, type, values.

    Args:
        plan: `terraform show -json`, decoded; its refreshed state counts.
    """
    return [item for item in managed(plan) if item["type"] in DATABASES]


class RestoreTests:
    """What AWS knows of databases' restore tests.

    Args:
        backup, rds: boto3 clients.
        now: with a time zone.
    """

    def __init__(self, backup: Any, rds: Any, now: datetime) -> None:
        self._backup, self._rds, self._now = backup, rds, now

    @classmethod
    def of(cls, spec: EnvironmentSpec, variables: Mapping[str, str], role: str | None, now: datetime) -> RestoreTests:
        return cls(aws.client("backup", spec, variables, role), aws.client("rds", spec, variables, role), now)

    def read(self, held: Iterable[Mapping[str, Any]]) -> list[RestoreRecord]:
        """Return what AWS knows of `databases`.

        Raises:
            RestoreTestsUnknown: see there.
        """
        return [self._tested(item) for item in held]

    def _tested(self, item: Mapping[str, Any]) -> RestoreRecord:
        address, type_ = item["address"], item["type"]
        try:
            arn = item["values"]["arn"]
            pages = self._backup.get_paginator("list_restore_jobs_by_protected_resource").paginate(ResourceArn=arn)
            tests = sorted(self._tests(pages), key=lambda test: test.begun)
            return RestoreRecord(address, type_, arn, self._made(type_, arn), tuple(tests))
        except (ClientError, BotoCoreError) as error:
            raise _unknown(address, f"AWS refused: {error}") from error
        except (KeyError, IndexError, TypeError, AttributeError, _Odd) as error:
            raise _unknown(address, f"what AWS says cannot be read: {error!r}") from error

    def _made(self, type_: str, arn: str) -> datetime:
        how = DATABASES[type_]
        answer = getattr(self._rds, how.operation)(**{how.parameter: arn.rpartition(":")[2]})
        return self._past(answer[how.things][0][how.made])

    def _tests(self, pages: Any) -> Iterator[RestoreTest]:
        """Yield the jobs of restore testing plans; what somebody restored by hand is no test."""
        for job in (job for page in pages for job in page["RestoreJobs"]):
            plan = job.get("CreatedBy", {}).get("RestoreTestingPlanArn")
            if plan:
                yield RestoreTest(
                    job["RestoreJobId"],
                    job["Status"],
                    job.get("ValidationStatus", ""),
                    job["RecoveryPointArn"],
                    plan,
                    self._past(job["CreationDate"]),
                    self._past(job["CompletionDate"]) if job["Status"] in OVER else None,
                    job.get("StatusMessage", ""),
                )

    def _past(self, time: datetime) -> datetime:
        if time > self._now + SKEW:
            raise _Odd(f"{time.isoformat()} is yet to come")
        return time


def _unknown(address: str, why: str) -> RestoreTestsUnknown:
    return RestoreTestsUnknown(
        f"{address}: when restoring it was tested cannot be told",
        expected="AWS Backup's restore jobs of the database (ListRestoreJobsByProtectedResource), and when it was made",
        why=why,
        fix="who looks needs backup:ListRestoreJobsByProtectedResource and rds:DescribeDBInstances, as sluice-plan has",
    )
