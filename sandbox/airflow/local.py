"""Airflow on a laptop, one per environment: what MWAA is on AWS.

DAGs come from the environment's DAG bucket, as MWAA takes them, so what runs is what was applied. Decides Airflow's
settings and runs it in its own Python environment; it must not know what the DAGs do.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

RUN_DAG = Path(__file__).with_name("run_dag.py")
READ_DAGS = Path(__file__).with_name("read_dags.py")
RUN_COMMANDS = Path(__file__).with_name("run_commands.py")
POOLS = Path(__file__).parents[2] / "dags" / "pools.json"
"""The pools that rendered DAGs name; an operator makes the same in MWAA."""

TaskEvent = dict[str, Any]
"""First {"dag": id, "tasks": [id]}, then {"task": id, "state": running | success | skipped | failed, "error"?: text}"""


@dataclass(frozen=True)
class DagFolder:
    """What Airflow finds in its DAG folder.

    Attributes:
        dags: {DAG id: its file}.
        errors: {file: why it cannot be imported}.
    """

    dags: dict[str, Path]
    errors: dict[str, str]


class AirflowFailedError(Exception):
    """Airflow itself could not run; a DAG run that failed is a result, not this error."""

    exit_code = 3


@dataclass(frozen=True)
class DagRun:
    """How one DAG run ended.

    Attributes:
        state: success or failed.
        tasks: {task id: Airflow's state}.
        errors: {task id: message} of the tasks that failed.
        log: Airflow's complete log of the run.
    """

    dag_id: str
    run_id: str
    state: str
    tasks: dict[str, str]
    log: Path
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_successful(self) -> bool:
        return self.state == "success"


@dataclass(frozen=True)
class LocalAirflow:
    """Airflow for one environment.

    Attributes:
        home: folder of its settings, database, DAGs and logs.
        python: the interpreter of Airflow's own environment.
        environment: variables with which tasks reach the cloud: endpoint, credentials, connections.
        database: SQLAlchemy URL of Airflow's own database; empty for SQLite in `home`, which lets one writer in at a
            time: enough for `run`, and not for the parts of a standing Airflow (`web`).
    """

    home: Path
    python: Path
    environment: Mapping[str, str]
    database: str = ""

    @property
    def dags(self) -> Path:
        return self.home / "dags"

    @property
    def settings(self) -> dict[str, str]:
        own = {
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "AIRFLOW__API__WORKERS": "1",
            "SLUICE_POLL_SECONDS": "1",
            "PYTHONPATH": str(self.dags),  # as on MWAA: what lies in the DAG folder can be imported
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if self.database:
            own["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = self.database
            own["AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE"] = "2"  # of each process; one server serves all of them
        kept = {key: os.environ[key] for key in ("HOME", "LANG", "TMPDIR") if key in os.environ}
        path = f"{self.python.parent}{os.pathsep}{os.environ['PATH']}"  # standalone starts its parts as `airflow`
        return {**kept, "PATH": path, **self.environment, **own}

    def prepare(self) -> None:
        """Make Airflow's database and pools; a second call does nothing.

        Raises:
            AirflowFailedError: with the end of Airflow's output.
        """
        ready = self.home / "ready"
        if ready.exists():
            return
        self.dags.mkdir(parents=True, exist_ok=True)
        self._airflow("db migrate", shlex.join(["pools", "import", str(POOLS)]))
        ready.touch()

    def _airflow(self, *commands: str) -> None:
        words = [str(self.python), "-P", str(RUN_COMMANDS), *commands]
        done = subprocess.run(words, env=self.settings, cwd=self.home, capture_output=True, text=True, check=False)
        if done.returncode:
            output = (done.stdout + done.stderr)[-3000:]
            raise AirflowFailedError(f"airflow {', '.join(commands)} ended with {done.returncode}:\n{output}")

    def sync(self, bucket: str) -> list[str]:
        """Replace the DAG folder by what lies below `dags/` in `bucket`, as MWAA does; return the relative paths."""
        session = boto3.Session(
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=self.environment.get("AWS_SESSION_TOKEN"),
            region_name=self.environment["AWS_DEFAULT_REGION"],
        )
        s3 = session.client("s3", endpoint_url=self.environment["AWS_ENDPOINT_URL"])
        shutil.rmtree(self.dags, ignore_errors=True)
        taken = []
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="dags/"):
            for item in page.get("Contents", []):
                relative = item["Key"].removeprefix("dags/")
                target = self.dags / relative
                target.parent.mkdir(parents=True, exist_ok=True)
                s3.download_file(bucket, item["Key"], str(target))
                taken.append(relative)
        return sorted(taken)

    def read(self) -> DagFolder:
        """Let Airflow read its DAG folder.

        Raises:
            AirflowFailedError: with the end of Airflow's output.
        """
        reader, writer = os.pipe()
        command = [str(self.python), "-P", str(READ_DAGS), str(writer)]
        log = self.home / "read.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, env=self.settings, cwd=self.home, stdout=output, stderr=subprocess.STDOUT, pass_fds=(writer,)
            )
        os.close(writer)
        found = list(_lines(reader))
        process.wait()
        if len(found) != 1:
            raise AirflowFailedError(f"Airflow could not read its DAGs:\n{log.read_text(errors='replace')[-3000:]}")
        return DagFolder({name: Path(path) for name, path in found[0]["dags"].items()}, found[0]["errors"])

    def run(
        self,
        dag_id: str,
        as_of: str,
        conf: Mapping[str, Any] | None = None,
        listener: Callable[[TaskEvent], None] = lambda event: None,
        started: Callable[[subprocess.Popen[bytes]], None] = lambda process: None,
        dated: bool = True,
    ) -> DagRun:
        """Run `dag_id` for the business date `as_of` (YYYY-MM-DD) to its end.

        Args:
            started: called with the run's process, for who may have to end it.
            dated: whether the run's logical date is a moment of that day; without, it has none, as a run that is asked
                for by REST.

        Raises:
            AirflowFailedError: there is no such DAG, or Airflow ended without a result.
        """
        logs = self.home / "runs"
        logs.mkdir(parents=True, exist_ok=True)
        log = logs / f"{dag_id}-{as_of}-{len(list(logs.iterdir())) + 1}.log"
        process, events = self._start(dag_id, as_of if dated else "", {"as_of": as_of, **(conf or {})}, log)
        started(process)
        errors: dict[str, str] = {}
        result: TaskEvent | None = None
        for event in events:
            if "run" in event:
                result = event
                continue
            if event.get("state") == "failed":
                errors[event["task"]] = event["error"]
            listener(event)
        process.wait()
        if result is None or result["run"] == "missing":
            said = result["error"] if result else log.read_text(errors="replace")[-3000:]
            raise AirflowFailedError(f"{dag_id} for {as_of} could not be run:\n{said}")
        return DagRun(dag_id, result["run_id"], result["run"], result["tasks"], log, errors)

    def _start(
        self, dag_id: str, day: str, conf: Mapping[str, Any], log: Path
    ) -> tuple[subprocess.Popen[bytes], Iterator[TaskEvent]]:
        reader, writer = os.pipe()
        command = [str(self.python), "-P", str(RUN_DAG), dag_id, day, json.dumps(conf), str(writer), str(log)]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, env=self.settings, cwd=self.home, stdout=output, stderr=subprocess.STDOUT, pass_fds=(writer,)
            )
        os.close(writer)
        return process, _lines(reader)


def _lines(descriptor: int) -> Iterator[TaskEvent]:
    with os.fdopen(descriptor) as stream:
        for line in stream:
            yield json.loads(line)
