"""An environment's Airflow as MWAA keeps it: it takes its DAGs from a bucket in its own time and runs what it is asked.

Behind it a real LocalAirflow reads the DAGs and runs them, one at a time. What REST's words are, it must not know.
Where it differs: Airflow's own run id is one that its test run chooses, and there is no schedule.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from subprocess import Popen, TimeoutExpired
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.airflow.local import AirflowFailedError, LocalAirflow, TaskEvent

STOP_SECONDS = 30
END_SECONDS = 5

log = logging.getLogger(__name__)


class NoSuchDag(KeyError):
    """Airflow has not read a DAG of this name."""


class RunExists(ValueError):
    """A run of this id was started before."""


@dataclass
class Run:
    """One run of a DAG. `state` is queued, running, success or failed; `tasks` is {task id: state}."""

    dag_id: str
    run_id: str
    conf: Mapping[str, Any]
    state: str = "queued"
    tasks: dict[str, str] = field(default_factory=dict)
    queued_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())


class ManagedAirflow:
    """The Airflow of one environment.

    Args:
        make: returns the Airflow that does the work; called in a thread, and again while it fails.
        bucket: where the DAGs are.
    """

    def __init__(self, make: Callable[[], LocalAirflow], bucket: str) -> None:
        self._make, self._bucket = make, bucket
        self._changed = threading.Condition()
        self._sources: dict[str, str] = {}
        self._errors: dict[str, str] = {}
        self._paused: set[str] = set()
        self._runs: list[Run] = []
        self._process: Popen[bytes] | None = None
        self._looks = True
        self._stopping = False
        self._worker = threading.Thread(target=self._work, name=f"airflow {bucket}", daemon=True)
        self._worker.start()

    def look(self) -> None:
        """Ask it to look whether the bucket holds other files, once it is free; MWAA does so every half minute."""
        with self._changed:
            self._looks = True
            self._changed.notify_all()

    def source(self, dag_id: str) -> str:
        """Return the text of a DAG's file as it was read last; raise NoSuchDag where there was none."""
        with self._changed:
            if dag_id not in self._sources:
                raise NoSuchDag(dag_id)
            return self._sources[dag_id]

    def import_errors(self) -> dict[str, str]:
        """Return {file: why it cannot be read}."""
        with self._changed:
            return dict(self._errors)

    def is_paused(self, dag_id: str) -> bool:
        self.source(dag_id)
        return dag_id in self._paused

    def pause(self, dag_id: str, paused: bool) -> None:
        """Keep a DAG's queued runs from starting, or let them start."""
        self.source(dag_id)
        with self._changed:
            (self._paused.add if paused else self._paused.discard)(dag_id)
            self._changed.notify_all()

    def trigger(self, dag_id: str, run_id: str, conf: Mapping[str, Any]) -> Run:
        """Queue a run; raise NoSuchDag or RunExists where that cannot be."""
        self.source(dag_id)
        with self._changed:
            if self.find(dag_id, run_id):
                raise RunExists(run_id)
            run = Run(dag_id, run_id, conf)
            self._runs.append(run)
            self._changed.notify_all()
            return run

    def find(self, dag_id: str, run_id: str) -> Run | None:
        return next((run for run in self.runs(dag_id) if run.run_id == run_id), None)

    def runs(self, dag_id: str) -> list[Run]:
        with self._changed:
            return [run for run in self._runs if run.dag_id == dag_id]

    def stop(self) -> None:
        """End what runs and do nothing more."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            if self._process:
                _end(self._process)
        self._worker.join(STOP_SECONDS)

    def _work(self) -> None:
        """Do one thing at a time: files are not replaced below a run."""
        local: LocalAirflow | None = None
        s3: Any = None
        taken = ""
        while (job := self._next()) is not None:
            try:
                local = local or self._make()
                s3 = s3 or _s3(local)
                taken = self._take(local, _listing(s3, self._bucket), taken)
                if isinstance(job, Run):
                    self._execute(local, job)
            except (AirflowFailedError, BotoCoreError, ClientError, OSError, RuntimeError) as error:
                self._failed(job, str(error))

    def _next(self) -> Run | bool | None:
        """Wait for a run that may start, or True to look at the bucket; None when it is time to end."""
        with self._changed:
            while not self._stopping:
                waiting = (run for run in self._runs if run.state == "queued" and run.dag_id not in self._paused)
                if run := next(waiting, None):
                    return run
                if self._looks:
                    self._looks = False
                    return True
                self._changed.wait()
            return None

    def _take(self, local: LocalAirflow, listing: str, taken: str) -> str:
        """Read the bucket's files if they are others than those `taken`; return what they are now."""
        if listing == taken:
            return taken
        local.prepare()
        local.sync(self._bucket)
        found = local.read()
        with self._changed:
            self._sources = {dag_id: path.read_text("utf-8") for dag_id, path in found.dags.items()}
            self._errors = found.errors
        return listing

    def _execute(self, local: LocalAirflow, run: Run) -> None:
        def follow(event: TaskEvent) -> None:
            with self._changed:
                run.tasks.update({task: "none" for task in event["tasks"]} if "tasks" in event else {})
                if "task" in event:
                    run.tasks[event["task"]] = event["state"]

        def started(process: Popen[bytes]) -> None:
            with self._changed:
                self._process = process
                if self._stopping:
                    _end(process)

        run.state = "running"
        as_of = str(run.conf.get("as_of") or datetime.now(UTC).date())
        done = local.run(run.dag_id, as_of, run.conf, follow, started, dated=False)
        with self._changed:
            self._process = None
            run.tasks, run.state = dict(done.tasks), done.state
        log.info("%s %s: %s, see %s", run.dag_id, run.run_id, done.state, done.log)

    def _failed(self, job: Run | bool, why: str) -> None:
        """Keep what went wrong where whoever asks finds it."""
        with self._changed:
            self._process = None
            if isinstance(job, Run):
                job.state = "failed"
            else:
                self._errors = {**self._errors, self._bucket: why}
        if not self._stopping:
            log.error("%s: %s", self._bucket, why)


def _s3(local: LocalAirflow) -> Any:
    """Return a client that acts as the Airflow does."""
    variables = local.environment
    session = boto3.Session(
        variables["AWS_ACCESS_KEY_ID"],
        variables["AWS_SECRET_ACCESS_KEY"],
        variables.get("AWS_SESSION_TOKEN"),
        variables["AWS_DEFAULT_REGION"],
    )
    return session.client("s3", endpoint_url=variables["AWS_ENDPOINT_URL"])


def _listing(s3: Any, bucket: str) -> str:
    """Return a text that differs whenever the bucket's files do."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return "\n".join(f"{item['Key']} {item['ETag']}" for page in pages for item in page.get("Contents", []))


def _end(process: Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except TimeoutExpired:
        process.kill()
