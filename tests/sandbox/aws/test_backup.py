"""What the gateway adds to AWS Backup: selections and restore testing, each made, read back, changed and deleted.

Also restore jobs, of which there are those that somebody said have run.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.accounts import Door
from sandbox.lifecycle import Sandbox, SandboxError

pytestmark = pytest.mark.sandbox

ROLE = "arn:aws:iam::222222222222:role/backup"
BUCKET = "arn:aws:s3:::meridian-prod-annuity-curated"
DATABASE = "arn:aws:rds:us-east-1:222222222222:db:authority"


@pytest.fixture
def backup(sandbox: Sandbox) -> Any:
    return Door(sandbox.endpoint).client("backup", "222222222222")


def test_selection_of_a_plan(backup: Any) -> None:
    rule = {"RuleName": "daily", "TargetBackupVaultName": "vault"}
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "daily", "Rules": [rule]})["BackupPlanId"]
    wanted = {"SelectionName": "curated", "IamRoleArn": ROLE, "Resources": [BUCKET]}
    chosen = backup.create_backup_selection(BackupPlanId=plan, BackupSelection=wanted)["SelectionId"]
    found = backup.get_backup_selection(BackupPlanId=plan, SelectionId=chosen)
    assert found["BackupSelection"] == wanted
    backup.delete_backup_selection(BackupPlanId=plan, SelectionId=chosen)
    with pytest.raises(ClientError, match="not found"):
        backup.get_backup_selection(BackupPlanId=plan, SelectionId=chosen)


def test_selection_needs_its_plan(backup: Any) -> None:
    wanted = {"SelectionName": "curated", "IamRoleArn": ROLE, "Resources": [BUCKET]}
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        backup.create_backup_selection(BackupPlanId="none", BackupSelection=wanted)


def test_restore_testing(sandbox: Sandbox, backup: Any) -> None:
    points = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"], "RecoveryPointTypes": ["SNAPSHOT"]}
    plan = {"RestoreTestingPlanName": "restore", "ScheduleExpression": "cron(0 4 1 * ? *)"}
    arn = backup.create_restore_testing_plan(
        RestoreTestingPlan={**plan, "RecoveryPointSelection": points}, Tags={"env": "prod"}
    )["RestoreTestingPlanArn"]
    assert backup.list_tags(ResourceArn=arn)["Tags"] == {"env": "prod"}
    backup.update_restore_testing_plan(RestoreTestingPlanName="restore", RestoreTestingPlan={"StartWindowHours": 2})
    found = backup.get_restore_testing_plan(RestoreTestingPlanName="restore")["RestoreTestingPlan"]
    assert (found["ScheduleExpression"], found["StartWindowHours"]) == ("cron(0 4 1 * ? *)", 2)

    names = {"RestoreTestingPlanName": "restore", "RestoreTestingSelectionName": "authority"}
    backup.create_restore_testing_selection(
        RestoreTestingPlanName="restore",
        RestoreTestingSelection={
            "RestoreTestingSelectionName": "authority",
            "IamRoleArn": ROLE,
            "ProtectedResourceType": "RDS",
            "ProtectedResourceArns": [DATABASE],
        },
    )
    backup.update_restore_testing_selection(**names, RestoreTestingSelection={"ValidationWindowHours": 4})
    tested = backup.get_restore_testing_selection(**names)["RestoreTestingSelection"]
    assert (tested["ProtectedResourceArns"], tested["ValidationWindowHours"]) == ([DATABASE], 4)
    assert backup.list_restore_jobs_by_protected_resource(ResourceArn=DATABASE)["RestoreJobs"] == []
    said = {"account": "222222222222", "database": DATABASE}
    sandbox.ask("POST", "restore_tests", {**said, "days_ago": 40})
    sandbox.ask("POST", "restore_tests", {**said, "days_ago": 9, "status": "FAILED"})
    pages = backup.get_paginator("list_restore_jobs_by_protected_resource")
    jobs = list(pages.paginate(ResourceArn=DATABASE, PaginationConfig={"PageSize": 1}).search("RestoreJobs"))
    assert [(job["Status"], job["CreatedBy"]["RestoreTestingPlanArn"]) for job in jobs] == [
        ("COMPLETED", arn),
        ("FAILED", arn),
    ]
    assert timedelta(days=39) < datetime.now(UTC) - jobs[0]["CompletionDate"] < timedelta(days=40)
    passed = backup.list_restore_jobs_by_protected_resource(ResourceArn=DATABASE, ByStatus="COMPLETED")["RestoreJobs"]
    assert [job["RestoreJobId"] for job in passed] == [jobs[0]["RestoreJobId"]]
    for wrong in ({**said, "database": BUCKET, "days_ago": 1}, {**said, "days_ago": 1, "status": "FINE"}, said):
        with pytest.raises(SandboxError):
            sandbox.ask("POST", "restore_tests", wrong)

    backup.delete_restore_testing_selection(**names)
    backup.delete_restore_testing_plan(RestoreTestingPlanName="restore")
    with pytest.raises(ClientError, match="not found"):
        backup.get_restore_testing_plan(RestoreTestingPlanName="restore")
