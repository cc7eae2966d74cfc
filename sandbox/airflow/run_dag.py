"""Run one DAG for one date in this process, as `airflow dags test` does, and tell each task's state as a JSON line.

Runs in Airflow's environment, by path; it must not import anything of Sluice. Lines go to the descriptor given as the
last argument, because Airflow's own log takes standard output.

    python run_dag.py DAG_ID DATE CONF_JSON DESCRIPTOR OUTPUT_FILE
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from airflow.api_fastapi.execution_api import versions
from airflow.api_fastapi.execution_api.routes import execution_api_router
from airflow.configuration import conf as settings
from airflow.dag_processing.dagbag import DagBag
from airflow.listeners import hookimpl
from airflow.models import dagrun
from airflow.models.trigger import Trigger
from airflow.sdk.listener import get_listener_manager
from airflow.serialization.definitions.dag import SerializedDAG
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunType
from cadwyn import HeadVersion, Version, VersionBundle
from cadwyn.route_generation import _DELETED_ROUTE_TAG


class TaskLogs:
    """Puts each task's part of this process's output where Airflow's page looks for the task's log.

    Tasks run one after another here, so that what is written from a task's start to its end is its own.
    """

    def __init__(self, output: Path) -> None:
        self._output = output
        self._folder = Path(settings.get_mandatory_value("logging", "base_log_folder"))
        self._starts: dict[Path, int] = {}

    def began(self, task: Any) -> None:
        self._starts.setdefault(self._log(task), self._written())

    def ended(self, task: Any) -> None:
        log = self._log(task)
        start = self._starts.pop(log, None)
        if start is None:
            return
        end = self._written()
        log.parent.mkdir(parents=True, exist_ok=True)
        with self._output.open("rb") as output:
            output.seek(start)
            log.write_bytes(output.read(end - start))

    def _written(self) -> int:
        sys.stdout.flush()
        sys.stderr.flush()
        return self._output.stat().st_size

    def _log(self, task: Any) -> Path:
        run = self._folder / f"dag_id={task.dag_id}" / f"run_id={task.run_id}"
        return run / f"task_id={task.task_id}" / f"attempt={task.try_number}.log"


class TaskStates:
    """An Airflow listener that writes a line for each change of a task's state."""

    def __init__(self, descriptor: int, logs: TaskLogs) -> None:
        self._out = os.fdopen(descriptor, "w", buffering=1)
        self._logs = logs

    def tell(self, **fields: Any) -> None:
        self._out.write(json.dumps(fields, default=str) + "\n")

    @hookimpl
    def on_task_instance_running(self, previous_state: Any, task_instance: Any) -> None:
        self._logs.began(task_instance)
        self.tell(task=task_instance.task_id, state="running")

    @hookimpl
    def on_task_instance_success(self, previous_state: Any, task_instance: Any) -> None:
        self._logs.ended(task_instance)
        self.tell(task=task_instance.task_id, state="success")

    @hookimpl
    def on_task_instance_skipped(self, previous_state: Any, task_instance: Any) -> None:
        self._logs.ended(task_instance)
        self.tell(task=task_instance.task_id, state="skipped")

    @hookimpl
    def on_task_instance_failed(self, previous_state: Any, task_instance: Any, error: Any) -> None:
        self._logs.ended(task_instance)
        self.tell(task=task_instance.task_id, state="failed", error=str(error))


def keep_earlier_runs() -> None:
    """Let `dag.test` add a run to those that were, each with its tasks and logs, as a scheduler does.

    It would clear and delete those of the same logical date, and count a run's duration from that date on.
    """

    def create_run(*, dag: Any, run_after: datetime, start_date: datetime, **fields: Any) -> dagrun.DagRun:
        del start_date
        kind = {"run_type": DagRunType.MANUAL, "state": DagRunState.RUNNING}
        run: dagrun.DagRun = dag.create_dagrun(run_after=run_after, start_date=run_after, **kind, **fields)
        return run

    dagrun.get_or_create_dagrun = create_run
    SerializedDAG.clear_dags = lambda **which: None  # type: ignore[method-assign]


def speak_the_newest_version() -> None:
    """Let tasks and Airflow, here one process, speak one version of their API: making nine took half of a short run."""
    newest, *_ = versions.bundle.versions
    versions.bundle = VersionBundle(HeadVersion(), Version(newest.value))
    routes = execution_api_router.routes
    routes[:] = [route for route in routes if _DELETED_ROUTE_TAG not in getattr(route, "tags", ())]


def logical_date(day: str) -> datetime | None:
    """Return a moment of `day` that no other run has, None for an empty one."""
    return datetime.combine(date.fromisoformat(day), datetime.now(UTC).timetz()) if day else None


def main(dag_id: str, day: str, conf: str, descriptor: str, output: str) -> int:
    """Return 0 when the run succeeded, 1 when it failed, 2 when there is no such DAG; an empty day is none."""
    keep_earlier_runs()
    speak_the_newest_version()
    states = TaskStates(int(descriptor), TaskLogs(Path(output)))
    get_listener_manager().add_listener(states)  # type: ignore[no-untyped-call]
    bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
    dag = bag.dags.get(dag_id)
    if dag is None:
        errors = bag.import_errors or {"": f"no DAG {dag_id!r} among {sorted(bag.dags)}"}
        states.tell(run="missing", error="\n".join(f"{path}: {text}" for path, text in errors.items()))
        return 2
    states.tell(dag=dag_id, tasks=sorted(dag.task_ids))
    run = dag.test(logical_date=logical_date(day), run_conf=json.loads(conf))
    Trigger.clean_unused()  # they ran here; a triggerer that starts later would run them once more
    tasks = {task.task_id: str(task.state) for task in run.get_task_instances()}
    states.tell(run=str(run.state), run_id=run.run_id, tasks=tasks)
    return 0 if str(run.state) == "success" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
