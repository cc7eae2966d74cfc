"""Production's Airflow with its scheduler running, as an operator uses it: through the REST API behind its page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from sandbox.airflow import web
from sandbox.airflow.local import LocalAirflow
from tests.end_to_end.conftest import DAG

RUN_SECONDS = 400
ANSWER_SECONDS = 120
"""A page that shares two cores with Spark and other tests takes its time."""


@dataclass(frozen=True)
class Scheduler:
    """A running Airflow. `api` is the DAG's own address; the session carries the token."""

    session: requests.Session
    api: str

    def trigger(self, as_of: str) -> str:
        body = {"logical_date": f"{as_of}T04:00:00Z", "conf": {"as_of": as_of}}
        return str(self._ask("POST", "/dagRuns", body)["dag_run_id"])

    def clear(self, run_id: str) -> None:
        """Do what an operator does with "Clear run": every task starts anew, in the same run."""
        self._ask("POST", "/clearTaskInstances", {"dag_run_id": run_id, "dry_run": False, "only_failed": False})

    def end(self, run_id: str) -> tuple[str, dict[str, str]]:
        """Wait for a run's end and return its state and {task id: state}."""
        deadline = time.monotonic() + RUN_SECONDS
        while (state := self._ask("GET", f"/dagRuns/{run_id}")["state"]) not in ("success", "failed"):
            assert time.monotonic() < deadline, f"{run_id} is still {state}"
            time.sleep(2)
        tasks = self._ask("GET", f"/dagRuns/{run_id}/taskInstances")["task_instances"]
        return str(state), {task["task_id"]: task["state"] for task in tasks}

    def log(self, run_id: str, task: str) -> str:
        return self.session.get(f"{self.api}/dagRuns/{run_id}/taskInstances/{task}/logs/1", timeout=ANSWER_SECONDS).text

    def unpause(self) -> None:
        """Let the DAG run, but not for today: the schedule's own run would wait for files that nobody lands."""
        deadline = time.monotonic() + 180
        while self.session.get(self.api, timeout=ANSWER_SECONDS).status_code != requests.codes.ok:
            assert time.monotonic() < deadline, "the scheduler did not find the DAG"
            time.sleep(1)
        self._ask("PATCH", "", {"is_paused": False})
        while not (runs := self._ask("GET", "/dagRuns?run_type=scheduled")["dag_runs"]):
            assert time.monotonic() < deadline, "the schedule made no run"
            time.sleep(1)
        for run in runs:
            self._ask("PATCH", f"/dagRuns/{run['dag_run_id']}", {"state": "failed"})

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self.session.request(method, self.api + path, json=body, timeout=ANSWER_SECONDS)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return dict(answer.json())


@contextmanager
def scheduled(local: LocalAirflow) -> Iterator[Scheduler]:
    """Run `local` with its scheduler while the block lasts; its page answers, and no process is left of it."""
    address = web.start(local)
    try:
        session = requests.Session()
        assert session.get(address, timeout=ANSWER_SECONDS).ok, "the page"
        token = session.get(f"{address}/auth/token", timeout=ANSWER_SECONDS).json()["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        scheduler = Scheduler(session, f"{address}/api/v2/dags/{DAG}")
        scheduler.unpause()
        yield scheduler
    finally:
        web.stop(local.home)
    assert _processes(local) == []


def _processes(local: LocalAirflow) -> list[str]:
    """Return the ids of the processes that were started with the settings of `local`; their names do not tell."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError, PermissionError):  # it has ended, or is somebody else's
            if f"AIRFLOW_HOME={local.home}\0".encode() in (process / "environ").read_bytes():
                found.append(process.name)
    return found
