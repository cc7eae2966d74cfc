"""Airflow's REST API as MWAA passes it on, answered by the Airflow that stands behind an environment.

The part of version 2 that Sluice uses, with Airflow's own statuses and member names; anything else is 404, as there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from sandbox.airflow.managed import ManagedAirflow, NoSuchDag, Run, RunExists

Answer = tuple[int, dict[str, Any]]
"""(HTTP status, body)"""
ROUTES = Map(
    [
        Rule("/dags/<dag_id>", methods=["GET"], endpoint="dag"),
        Rule("/dags/<dag_id>", methods=["PATCH"], endpoint="patch_dag"),
        Rule("/dagSources/<dag_id>", methods=["GET"], endpoint="source"),
        Rule("/importErrors", methods=["GET"], endpoint="import_errors"),
        Rule("/dags/<dag_id>/dagRuns", methods=["POST"], endpoint="trigger"),
        Rule("/dags/<dag_id>/dagRuns", methods=["GET"], endpoint="runs"),
        Rule("/dags/<dag_id>/dagRuns/<run_id>", methods=["GET"], endpoint="run"),
        Rule("/dags/<dag_id>/dagRuns/<run_id>/taskInstances", methods=["GET"], endpoint="tasks"),
    ]
)
UNSEEN_STATE = "none"


def answer(
    airflow: ManagedAirflow, method: str, path: str, query: Mapping[str, Any] | None, body: Mapping[str, Any] | None
) -> Answer:
    """Return what Airflow answers to one request."""
    airflow.look()
    try:
        endpoint, arguments = ROUTES.bind("airflow").match(path, method)
        handler: Callable[..., Answer] = globals()[f"_{endpoint}"]
        return handler(airflow, query or {}, body or {}, **arguments)
    except NoSuchDag as error:
        return _error(404, f"Dag with dag_id: {error.args[0]!r} not found")
    except HTTPException as error:
        return _error(error.code or 404, str(error.description))


def _error(status: int, detail: str) -> Answer:
    return status, {"detail": detail}


def _dag(airflow: ManagedAirflow, query: Any, body: Any, dag_id: str) -> Answer:
    return 200, {"dag_id": dag_id, "is_paused": airflow.is_paused(dag_id)}


def _patch_dag(airflow: ManagedAirflow, query: Any, body: Mapping[str, Any], dag_id: str) -> Answer:
    if not isinstance(body.get("is_paused"), bool):
        return _error(422, "is_paused: Field required")
    airflow.pause(dag_id, body["is_paused"])
    return _dag(airflow, query, body, dag_id)


def _source(airflow: ManagedAirflow, query: Any, body: Any, dag_id: str) -> Answer:
    return 200, {"dag_id": dag_id, "content": airflow.source(dag_id), "version_number": 1}


def _import_errors(airflow: ManagedAirflow, query: Any, body: Any) -> Answer:
    errors = [{"filename": path, "stack_trace": text} for path, text in sorted(airflow.import_errors().items())]
    return 200, {"import_errors": errors, "total_entries": len(errors)}


def _trigger(airflow: ManagedAirflow, query: Any, body: Mapping[str, Any], dag_id: str) -> Answer:
    if "logical_date" not in body:
        return _error(422, "logical_date: Field required")
    conf, logical_date = dict(body.get("conf") or {}), body["logical_date"]
    if logical_date:
        conf.setdefault("as_of", str(logical_date)[:10])
    run_id = body.get("dag_run_id") or f"manual__{logical_date}"
    try:
        return 200, _as_json(airflow.trigger(dag_id, run_id, conf))
    except RunExists:
        return _error(409, f"DagRun with dag_id: '{dag_id}' and run_id: '{run_id}' already exists")


def _runs(airflow: ManagedAirflow, query: Mapping[str, Any], body: Any, dag_id: str) -> Answer:
    airflow.source(dag_id)
    found = [_as_json(run) for run in airflow.runs(dag_id) if query.get("state") in (None, run.state)]
    return 200, {"dag_runs": _page(found, query), "total_entries": len(found)}


def _run(airflow: ManagedAirflow, query: Any, body: Any, dag_id: str, run_id: str) -> Answer:
    run = airflow.find(dag_id, run_id)
    return (200, _as_json(run)) if run else _no_run(dag_id, run_id)


def _tasks(airflow: ManagedAirflow, query: Mapping[str, Any], body: Any, dag_id: str, run_id: str) -> Answer:
    run = airflow.find(dag_id, run_id)
    if run is None:
        return _no_run(dag_id, run_id)
    tasks = [
        {"task_id": task, "state": None if state == UNSEEN_STATE else state}
        for task, state in sorted(dict(run.tasks).items())
    ]
    return 200, {"task_instances": _page(tasks, query), "total_entries": len(tasks)}


def _no_run(dag_id: str, run_id: str) -> Answer:
    return _error(404, f"The DagRun with dag_id: `{dag_id}` and run_id: `{run_id}` was not found")


def _page(items: list[Any], query: Mapping[str, Any]) -> list[Any]:
    begin = int(query.get("offset", 0))
    return items[begin : begin + int(query.get("limit", 50))]


def _as_json(run: Run) -> dict[str, Any]:
    return {
        "dag_id": run.dag_id,
        "dag_run_id": run.run_id,
        "state": run.state,
        "conf": dict(run.conf),
        "queued_at": run.queued_at,
        "logical_date": None,
    }
