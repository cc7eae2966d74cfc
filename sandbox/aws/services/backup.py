"""AWS Backup: what is backed up by which plan, and which restores are tested. Kept as records; nothing is copied.

moto has plans and vaults but no selections and no restore testing, and routes none of their paths.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

from moto.backup.models import backup_backends
from moto.backup.responses import BackupResponse
from moto.core.request import Request
from werkzeug.wrappers import Response

from sandbox.aws.operations import Call, CallRefused, Service

backup = Service(BackupResponse)

Record = dict[str, Any]

_selections: dict[tuple[str, ...], Record] = {}
"""{(account, plan id, selection id): the members of GetBackupSelection's answer}."""
_tests: dict[tuple[str, ...], Record] = {}
"""{(account, plan name): `RestoreTestingPlanForGet`}."""
_tested: dict[tuple[str, ...], Record] = {}
"""{(account, plan name, selection name): `RestoreTestingSelectionForGet`}."""


def application(environ: Any, start_response: Any) -> Any:
    """WSGI application of the whole service: moto's operations and these, found by the service's model."""
    status, headers, body = BackupResponse.dispatch(Request(environ))
    return Response(body, status, headers)(environ, start_response)


@backup.answer("ListTags")
def _tags(call: Call) -> Mapping[str, Any]:
    """Find the ARN with and without a slash behind it: moto needs the slash, and not every SDK sends one."""
    return {"Tags": backup_backends[call.account][call.region].list_tags(call["ResourceArn"])}


@backup.answer("CreateBackupSelection")
def _select(call: Call) -> Mapping[str, Any]:
    plan_id = call["BackupPlanId"]
    backup_backends[call.account][call.region].get_backup_plan(plan_id, None)
    selection_id = str(uuid.uuid4())
    _selections[call.account, plan_id, selection_id] = {
        "BackupSelection": call["BackupSelection"],
        "SelectionId": selection_id,
        "BackupPlanId": plan_id,
        "CreationDate": time.time(),
    }
    return {"SelectionId": selection_id, "BackupPlanId": plan_id, "CreationDate": time.time()}


@backup.answer("GetBackupSelection")
def _get_selection(call: Call) -> Mapping[str, Any]:
    return _found(_selections, call, "BackupPlanId", "SelectionId")


@backup.answer("DeleteBackupSelection")
def _delete_selection(call: Call) -> None:
    _remove(_selections, call, "BackupPlanId", "SelectionId")


@backup.answer("CreateRestoreTestingPlan")
def _make_test(call: Call) -> Mapping[str, Any]:
    given = call["RestoreTestingPlan"]
    name = given["RestoreTestingPlanName"]
    arn = call.arn("backup", f"restore-testing-plan:{name}-{uuid.uuid4()}")
    _tests[call.account, name] = {
        "ScheduleExpressionTimezone": "Etc/UTC",
        "StartWindowHours": 24,
        **given,
        "RestoreTestingPlanArn": arn,
        "CreationTime": time.time(),
    }
    if call.get("Tags"):
        backup_backends[call.account][call.region].tag_resource(arn, call["Tags"])
    return {"CreationTime": time.time(), "RestoreTestingPlanArn": arn, "RestoreTestingPlanName": name}


@backup.answer("GetRestoreTestingPlan")
def _get_test(call: Call) -> Mapping[str, Any]:
    return {"RestoreTestingPlan": _found(_tests, call, "RestoreTestingPlanName")}


@backup.answer("UpdateRestoreTestingPlan")
def _change_test(call: Call) -> Mapping[str, Any]:
    plan = _found(_tests, call, "RestoreTestingPlanName")
    plan.update(call["RestoreTestingPlan"], LastUpdateTime=time.time())
    return _reply(plan, "RestoreTestingPlanArn", "RestoreTestingPlanName")


@backup.answer("DeleteRestoreTestingPlan")
def _delete_test(call: Call) -> None:
    _remove(_tests, call, "RestoreTestingPlanName")


@backup.answer("CreateRestoreTestingSelection")
def _make_tested(call: Call) -> Mapping[str, Any]:
    plan = _found(_tests, call, "RestoreTestingPlanName")
    given = call["RestoreTestingSelection"]
    name = given["RestoreTestingSelectionName"]
    _tested[call.account, plan["RestoreTestingPlanName"], name] = {
        "ValidationWindowHours": 0,
        "RestoreMetadataOverrides": {},
        "ProtectedResourceConditions": {"StringEquals": [], "StringNotEquals": []},
        **given,
        "RestoreTestingPlanName": plan["RestoreTestingPlanName"],
        "CreationTime": time.time(),
    }
    return {**_reply(plan, "RestoreTestingPlanArn", "RestoreTestingPlanName"), "RestoreTestingSelectionName": name}


@backup.answer("GetRestoreTestingSelection")
def _get_tested(call: Call) -> Mapping[str, Any]:
    found = _found(_tested, call, "RestoreTestingPlanName", "RestoreTestingSelectionName")
    return {"RestoreTestingSelection": found}


@backup.answer("UpdateRestoreTestingSelection")
def _change_tested(call: Call) -> Mapping[str, Any]:
    tested = _found(_tested, call, "RestoreTestingPlanName", "RestoreTestingSelectionName")
    tested.update(call["RestoreTestingSelection"])
    plan = _found(_tests, call, "RestoreTestingPlanName")
    names = {"RestoreTestingSelectionName": tested["RestoreTestingSelectionName"]}
    return {**_reply(plan, "RestoreTestingPlanArn", "RestoreTestingPlanName"), **names}


@backup.answer("DeleteRestoreTestingSelection")
def _delete_tested(call: Call) -> None:
    _remove(_tested, call, "RestoreTestingPlanName", "RestoreTestingSelectionName")


def testing_plan_of(account: str, resource_arn: str) -> str | None:
    """Return the ARN of the restore testing plan whose selection names a resource; None where none does."""
    for (owner, plan, _), tested in _tested.items():
        if owner == account and resource_arn in tested.get("ProtectedResourceArns", ()):
            return str(_tests[account, plan]["RestoreTestingPlanArn"])
    return None


def _found(records: dict[tuple[str, ...], Record], call: Call, *names: str) -> Record:
    try:
        return records[call.account, *(call[name] for name in names)]
    except KeyError:
        raise CallRefused("ResourceNotFoundException", f"{', '.join(call[name] for name in names)} not found") from None


def _remove(records: dict[tuple[str, ...], Record], call: Call, *names: str) -> None:
    _found(records, call, *names)
    del records[call.account, *(call[name] for name in names)]


def _reply(plan: Record, *names: str) -> Record:
    return {**{name: plan[name] for name in names}, "CreationTime": plan["CreationTime"], "UpdateTime": time.time()}
