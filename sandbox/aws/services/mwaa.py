"""Managed Workflows for Apache Airflow: moto has no such service, so all of its control plane that Terraform needs.

An environment is available at once and holds what it was given. Its Airflow begins with the first call of its REST API.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from moto.core.request import Request
from moto.core.responses import BaseResponse
from werkzeug.wrappers import Response

from sandbox.airflow.local import LocalAirflow
from sandbox.airflow.managed import ManagedAirflow
from sandbox.aws.operations import Call, CallRefused, Service
from sandbox.aws.services import mwaa_rest

DEFAULTS: Mapping[str, Any] = {
    "AirflowConfigurationOptions": {},
    "EndpointManagement": "SERVICE",
    "MaxWebservers": 2,
    "MaxWorkers": 10,
    "MinWebservers": 2,
    "MinWorkers": 1,
    "Schedulers": 2,
    "WebserverAccessMode": "PRIVATE_ONLY",
    "WeeklyMaintenanceWindowStart": "SUN:03:30",
    "Tags": {},
}
LOGS = ("DagProcessingLogs", "SchedulerLogs", "TaskLogs", "WebserverLogs", "WorkerLogs")

MakeAirflow = Callable[[str, str], LocalAirflow]
"""Called with an account and the value of the environment's tag `env`."""

_environments: dict[tuple[str, str], dict[str, Any]] = {}
"""{(account, name): the members of `Environment` in the API reference}."""
_airflows: dict[tuple[str, str], ManagedAirflow] = {}
"""{(account, name): the Airflow behind an environment that was asked something}."""
_lock = threading.Lock()
_make: list[MakeAirflow] = []
"""How an Airflow is made here; empty where none can be."""


def install(make: MakeAirflow) -> None:
    """Let environments have an Airflow behind them; who installs calls `stop` in the end."""
    _make[:] = [make]


def stop() -> None:
    """End every Airflow and what it runs."""
    with _lock:
        airflows = list(_airflows.values())
        _airflows.clear()
    for airflow in airflows:
        airflow.stop()


class MwaaResponse(BaseResponse):  # type: ignore[misc]  # moto is not typed here
    """Answers for the service; its operations are the functions below."""

    def __init__(self) -> None:
        super().__init__(service_name="mwaa")


mwaa = Service(MwaaResponse)


def application(environ: Any, start_response: Any) -> Any:
    """WSGI application of the whole service."""
    status, headers, body = MwaaResponse.dispatch(Request(environ))
    return Response(body, status, headers)(environ, start_response)


@mwaa.answer("CreateEnvironment")
def _create(call: Call) -> Mapping[str, Any]:
    name = call["Name"]
    given = {**DEFAULTS, **call.parameters}
    _environments[call.account, name] = {
        **given,
        "Arn": call.arn("airflow", f"environment/{name}"),
        "CreatedAt": time.time(),
        "LoggingConfiguration": _logging(call, given.get("LoggingConfiguration") or {}),
        "ServiceRoleArn": f"arn:aws:iam::{call.account}:role/aws-service-role/airflow.amazonaws.com/"
        "AWSServiceRoleForAmazonMWAA",
        "Status": "AVAILABLE",
        "WebserverUrl": f"{name}.{call.region}.airflow.amazonaws.com",
        "CeleryExecutorQueue": call.arn("sqs", f"airflow-celery-{name}"),
    }
    return {"Arn": _environments[call.account, name]["Arn"]}


@mwaa.answer("GetEnvironment")
def _get(call: Call) -> Mapping[str, Any]:
    return {"Environment": _environment(call)}


@mwaa.answer("UpdateEnvironment")
def _update(call: Call) -> Mapping[str, Any]:
    environment = _environment(call)
    changes = dict(call.parameters)
    if "LoggingConfiguration" in changes:
        changes["LoggingConfiguration"] = _logging(call, changes["LoggingConfiguration"])
    environment.update(changes, LastUpdate={"Status": "SUCCESS", "CreatedAt": time.time()})
    return {"Arn": environment["Arn"]}


@mwaa.answer("DeleteEnvironment")
def _delete(call: Call) -> None:
    _environment(call)
    del _environments[call.account, call["Name"]]
    with _lock:
        airflow = _airflows.pop((call.account, call["Name"]), None)
    if airflow:
        airflow.stop()


@mwaa.answer("ListEnvironments")
def _list(call: Call) -> Mapping[str, Any]:
    return {"Environments": sorted(name for account, name in _environments if account == call.account)}


@mwaa.answer("InvokeRestApi")
def _invoke_rest_api(call: Call) -> Mapping[str, Any]:
    status, answer = mwaa_rest.answer(
        _airflow(call), call["Method"], call["Path"], call.get("QueryParameters"), call.get("Body")
    )
    if status >= 400:
        raise RestApiRefused(status, answer)
    return {"RestApiStatusCode": status, "RestApiResponse": answer}


class RestApiRefused(CallRefused):
    """Airflow answered with a status of 400 or more; the attributes are members of the error's shape."""

    def __init__(self, status: int, answer: Mapping[str, Any]) -> None:
        super().__init__("RestApiClientException", f"Airflow answered {status}")
        self.RestApiStatusCode, self.RestApiResponse = status, dict(answer)


def _airflow(call: Call) -> ManagedAirflow:
    """Return the Airflow behind an environment; it begins when it is first asked for."""
    record, key = _environment(call), (call.account, call["Name"])
    if not _make:
        raise CallRefused("InternalServerException", "no Airflow can be had in this process")
    with _lock:
        if key not in _airflows:
            make = partial(_make[0], call.account, record["Tags"].get("env", call["Name"]))
            _airflows[key] = ManagedAirflow(make, record["SourceBucketArn"].rpartition(":")[2])
        return _airflows[key]


@mwaa.answer("ListTagsForResource")
def _tags(call: Call) -> Mapping[str, Any]:
    return {"Tags": _tags_of(call)}


@mwaa.answer("TagResource")
def _tag(call: Call) -> None:
    _tags_of(call).update(call["Tags"])


@mwaa.answer("UntagResource")
def _untag(call: Call) -> None:
    for key in call["tagKeys"]:
        _tags_of(call).pop(key, None)


def _environment(call: Call) -> dict[str, Any]:
    try:
        return _environments[call.account, call["Name"]]
    except KeyError:
        raise CallRefused("ResourceNotFoundException", f"Environment {call['Name']} not found") from None


def _tags_of(call: Call) -> dict[str, str]:
    for environment in _environments.values():
        if environment["Arn"] == call["ResourceArn"]:
            environment["Tags"] = dict(environment["Tags"])
            tags: dict[str, str] = environment["Tags"]
            return tags
    raise CallRefused("ResourceNotFoundException", f"{call['ResourceArn']} not found")


def _logging(call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
    """Complete what is logged: each kind goes to a group of its own, whether enabled or not."""
    group = call.arn("logs", f"log-group:airflow-{call['Name']}-")
    return {
        kind: {
            "Enabled": bool(given.get(kind, {}).get("Enabled")),
            "LogLevel": given.get(kind, {}).get("LogLevel", "INFO"),
            "CloudWatchLogGroupArn": f"{group}{kind.removesuffix('Logs')}:*",
        }
        for kind in LOGS
    }
