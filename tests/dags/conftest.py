"""An Airflow home of its own, connections that point nowhere real, and tasks run with their deferrals."""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

HOME = tempfile.mkdtemp(prefix="airflow-home-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ |= {
    "AIRFLOW_HOME": HOME,
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DAGS_FOLDER": str(Path(HOME) / "dags"),
    "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    "AIRFLOW_CONN_AWS_DEFAULT": '{"conn_type": "aws"}',
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "SLUICE_POLL_SECONDS": "0.01",
    "SLUICE_OUTAGE_SECONDS": "0.3",
}

from airflow.sdk.exceptions import TaskDeferred  # noqa: E402 - Airflow reads its settings when it is imported

from tests.dags.fake_engine import Engine  # noqa: E402

Run = Callable[..., Any]


class FakeTask:
    """The part of a task instance that operators use: XComs by task, and states of other runs as {state: number}."""

    def __init__(self, xcoms: dict[str, Any], runs: dict[str, int]) -> None:
        self.xcoms, self.runs = xcoms, runs
        self.pushed: dict[str, Any] = {}
        self.map_index = -1

    def xcom_pull(self, task_ids: str) -> Any:
        return self.xcoms.get(task_ids)

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value

    def get_dr_count(self, dag_id: str, logical_dates: list[datetime], states: list[str]) -> int:
        return sum(self.runs.get(state, 0) for state in states)


def run_task(
    operator: Any,
    conf: dict[str, str] | None = None,
    logical_date: datetime | None = None,
    runs: dict[str, int] | None = None,
    **xcoms: Any,
) -> Any:
    """Execute an operator as a worker and a triggerer would, in a run with `conf`, and return its result.

    A trigger is made again from what it serialises to, as another process would.
    """
    context = {
        "ti": FakeTask(xcoms, runs or {}),
        "dag": SimpleNamespace(dag_id="annuity_daily"),
        "dag_run": SimpleNamespace(conf=conf, logical_date=logical_date),
        "run_id": "scheduled__1",
    }
    method = "execute"
    event: dict[str, Any] = {}
    for _ in range(20):
        try:
            return getattr(operator, method)(context, **event)
        except TaskDeferred as deferred:
            path, arguments = deferred.trigger.serialize()
            module, _, name = path.rpartition(".")
            trigger = getattr(__import__(module, fromlist=[name]), name)(**arguments)
            assert not deferred.kwargs, "dag.test() would lose them: the event must carry what is needed"
            method, event = deferred.method_name, {"event": asyncio.run(_first_event(trigger))}
    raise AssertionError("the task defers for ever")


async def _first_event(trigger: Any) -> Any:
    async for event in trigger.run():
        return event.payload
    raise AssertionError("the trigger said nothing")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A StreamSets engine below a base path, with basic authentication."""
    engine = Engine()
    monkeypatch.setenv(
        "AIRFLOW_CONN_STREAMSETS",
        f'{{"conn_type": "http", "host": "{engine.url}", "login": "admin", "password": "admin"}}',
    )
    yield engine
    engine.close()
