"""AWS Backup's restore jobs. Nothing is restored here, so there are none but those that somebody says have run.

Who says so needs a restore testing selection that names the database, as on AWS.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.backup.responses import BackupResponse

from sandbox.aws.operations import Call, Service
from sandbox.aws.services.backup import testing_plan_of

restore_jobs = Service(BackupResponse)

STATUSES = ("PENDING", "RUNNING", "COMPLETED", "ABORTED", "FAILED")
OVER = STATUSES[2:]
MOST_RESULTS = 1000
TOOK = timedelta(minutes=20)

_jobs: dict[tuple[str, str], list[dict[str, Any]]] = {}
"""{(account, ARN of the database): `RestoreJobsListMember`s}."""


class NoSuchTestError(ValueError):
    """A restore test was said to have run that no testing plan makes, or with a status that AWS Backup has not."""


def has_run(account: str, database: str, *, days_ago: float, status: str = "COMPLETED") -> Mapping[str, Any]:
    """Record a restore test that began so many days ago, and return it as ListRestoreJobs tells it.

    Args:
        database: its ARN.

    Raises:
        NoSuchTestError: see there.
    """
    plan = testing_plan_of(account, database)
    if plan is None or status not in STATUSES:
        raise NoSuchTestError(f"no restore testing selection names {database}, or {status!r} is none of {STATUSES}")
    begun = datetime.now(UTC) - timedelta(days=days_ago)
    region = database.split(":")[3]
    job = {
        "AccountId": account,
        "RestoreJobId": str(uuid.uuid4()),
        "RecoveryPointArn": f"arn:aws:rds:{region}:{account}:snapshot:awsbackup:job-{uuid.uuid4()}",
        "RecoveryPointCreationDate": (begun - timedelta(days=1)).timestamp(),
        "CreationDate": begun.timestamp(),
        "Status": status,
        "ResourceType": "RDS",
        "CreatedBy": {"RestoreTestingPlanArn": plan},
    }
    if status in OVER:
        job["CompletionDate"] = (begun + TOOK).timestamp()
    _jobs.setdefault((account, database), []).append(job)
    return job


@restore_jobs.answer("ListRestoreJobsByProtectedResource")
def _list(call: Call) -> Mapping[str, Any]:
    jobs = [job for job in _jobs.get((call.account, call["ResourceArn"]), ()) if _is_asked_for(job, call)]
    start, most = int(call.get("NextToken", 0)), int(call.get("MaxResults", MOST_RESULTS))
    rest = {"NextToken": str(start + most)} if len(jobs) > start + most else {}
    return {"RestoreJobs": jobs[start : start + most], **rest}


def _is_asked_for(job: Mapping[str, Any], call: Call) -> bool:
    point = datetime.fromtimestamp(job["RecoveryPointCreationDate"], UTC)
    after, before = call.get("ByRecoveryPointCreationDateAfter"), call.get("ByRecoveryPointCreationDateBefore")
    in_time = (after is None or point > after) and (before is None or point < before)
    return bool(in_time and call.get("ByStatus", job["Status"]) == job["Status"])
