"""MWAA's REST in the local cloud: plain boto3, Airflow's own statuses, DAGs from the bucket, runs in the background."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from threading import Event
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.airflow.local import AirflowFailedError, DagFolder, DagRun, LocalAirflow
from sandbox.airflow.managed import ManagedAirflow, NoSuchDag, RunExists
from sandbox.aws.accounts import ENTRY_ROLE, REGION, Door
from sandbox.aws.services import mwaa_rest
from sandbox.lifecycle import Sandbox
from tests.sandbox.aws_in_process import client, serve

BUCKET = "airflow-bucket"
SECONDS = 60
REAL_SECONDS = 300


@dataclass(frozen=True)
class Rehearsal(LocalAirflow):
    """An Airflow that runs nothing: a DAG's file is its text, and a run ends when it is let go."""

    let_go: Event = field(default_factory=Event)
    ran: list[dict[str, Any]] = field(default_factory=list)

    def prepare(self) -> None:
        self.dags.mkdir(parents=True, exist_ok=True)

    def read(self) -> DagFolder:
        return DagFolder({path.stem: path for path in self.dags.rglob("*.py")}, {})

    def run(
        self,
        dag_id: str,
        as_of: str,
        conf: Any = None,
        listener: Any = None,
        started: Any = None,
        dated: bool = True,
    ) -> DagRun:
        assert not dated
        self.ran.append({"dag_id": dag_id, "as_of": as_of, "conf": conf})
        listener({"dag": dag_id, "tasks": ["open_run", "publish"]})
        listener({"task": "open_run", "state": "success"})
        assert self.let_go.wait(SECONDS)
        if as_of == "2026-01-31":
            raise AirflowFailedError("it broke")
        return DagRun(dag_id, "manual", "success", {"open_run": "success", "publish": "success"}, self.home)


@pytest.fixture
def endpoint() -> Iterator[str]:
    with serve() as served:
        yield served


@pytest.fixture
def local(endpoint: str, tmp_path: Path) -> Rehearsal:
    variables = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
    }
    s3 = client("s3", endpoint)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="dags/annuity/annuity_daily.py", Body=b"first")
    return Rehearsal(tmp_path, Path("python"), variables)


@pytest.fixture
def airflow(local: Rehearsal) -> Iterator[ManagedAirflow]:
    made = ManagedAirflow(lambda: local, BUCKET)
    yield made
    local.let_go.set()
    made.stop()


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)


def ask(airflow: ManagedAirflow, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, dict[str, Any]]:
    return mwaa_rest.answer(airflow, method, path, query, body)


def is_taken(airflow: ManagedAirflow, text: str = "first") -> bool:
    return ask(airflow, "GET", "/dagSources/annuity_daily")[1].get("content") == text


def test_dags_appear_when_the_bucket_was_looked_at_and_change_with_it(airflow: ManagedAirflow, endpoint: str) -> None:
    assert ask(airflow, "GET", "/dags/other")[0] == 404
    until(lambda: is_taken(airflow))
    client("s3", endpoint).put_object(Bucket=BUCKET, Key="dags/annuity/annuity_daily.py", Body=b"second")
    until(lambda: is_taken(airflow, "second"))


def test_a_run_goes_on_in_the_background(airflow: ManagedAirflow, local: Rehearsal) -> None:
    until(lambda: is_taken(airflow))
    body = {"dag_run_id": "r1", "logical_date": None, "conf": {"as_of": "2026-10-31"}}
    status, answer = ask(airflow, "POST", "/dags/annuity_daily/dagRuns", body)
    assert (status, answer["dag_run_id"], answer["state"]) == (200, "r1", "queued")
    run = "/dags/annuity_daily/dagRuns/r1"
    until(lambda: ask(airflow, "GET", run)[1]["state"] == "running")
    until(lambda: len(ask(airflow, "GET", f"{run}/taskInstances")[1]["task_instances"]) == 2)
    tasks = ask(airflow, "GET", f"{run}/taskInstances")[1]["task_instances"]
    assert tasks == [{"task_id": "open_run", "state": "success"}, {"task_id": "publish", "state": None}]
    assert [item["dag_run_id"] for item in _runs(airflow, "running")] == ["r1"]
    local.let_go.set()
    until(lambda: ask(airflow, "GET", run)[1]["state"] == "success")
    assert local.ran == [{"dag_id": "annuity_daily", "as_of": "2026-10-31", "conf": {"as_of": "2026-10-31"}}]
    assert ask(airflow, "POST", "/dags/annuity_daily/dagRuns", body)[0] == 409


def _runs(airflow: ManagedAirflow, state: str) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = ask(airflow, "GET", "/dags/annuity_daily/dagRuns", state=state)[1]["dag_runs"]
    return runs


def test_one_run_at_a_time_and_what_breaks_is_failed(airflow: ManagedAirflow, local: Rehearsal) -> None:
    until(lambda: is_taken(airflow))
    for run_id, as_of in (("r1", "2026-01-31"), ("r2", "2026-10-31")):
        airflow.trigger("annuity_daily", run_id, {"as_of": as_of})
    until(lambda: [item["dag_run_id"] for item in _runs(airflow, "running")] == ["r1"])
    assert [item["dag_run_id"] for item in _runs(airflow, "queued")] == ["r2"]
    local.let_go.set()
    until(lambda: len(_runs(airflow, "success")) == 1)
    assert [item["dag_run_id"] for item in _runs(airflow, "failed")] == ["r1"]


def test_a_paused_dag_keeps_its_runs_waiting(airflow: ManagedAirflow, local: Rehearsal) -> None:
    until(lambda: is_taken(airflow))
    local.let_go.set()
    assert ask(airflow, "PATCH", "/dags/annuity_daily", {"is_paused": True})[1]["is_paused"] is True
    airflow.trigger("annuity_daily", "r1", {})
    time.sleep(0.3)
    assert [item["dag_run_id"] for item in _runs(airflow, "queued")] == ["r1"]
    ask(airflow, "PATCH", "/dags/annuity_daily", {"is_paused": False})
    until(lambda: len(_runs(airflow, "success")) == 1)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/dags/other", None, 404),
        ("POST", "/dags/other/dagRuns", {"logical_date": None}, 404),
        ("POST", "/dags/annuity_daily/dagRuns", {"conf": {}}, 422),
        ("PATCH", "/dags/annuity_daily", {}, 422),
        ("GET", "/dags/annuity_daily/dagRuns/none", None, 404),
        ("GET", "/dags/annuity_daily/dagRuns/none/taskInstances", None, 404),
        ("GET", "/variables", None, 404),
        ("DELETE", "/dags/annuity_daily", None, 405),
    ],
)
def test_refusals_have_airflows_statuses(
    airflow: ManagedAirflow, method: str, path: str, body: Any, status: int
) -> None:
    until(lambda: is_taken(airflow))
    found, answer = ask(airflow, method, path, body)
    assert found == status
    assert answer["detail"]


def test_what_cannot_be_made_is_told_and_tried_again(local: Rehearsal) -> None:
    tries: list[int] = []

    def make() -> LocalAirflow:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("the platform was not applied")
        return local

    airflow = ManagedAirflow(make, BUCKET)
    try:
        until(lambda: bool(airflow.import_errors()))
        assert airflow.import_errors() == {BUCKET: "the platform was not applied"}
        until(lambda: is_taken(airflow))
    finally:
        airflow.stop()


def test_stopping_ends_the_process_of_a_run(endpoint: str, tmp_path: Path) -> None:
    class Endless(Rehearsal):
        def run(self, *_: Any, **__: Any) -> DagRun:
            process = Popen(["sleep", "600"])
            _[-1](process)
            process.wait()
            raise AirflowFailedError(f"it ended with {process.returncode}")

    variables = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    client("s3", endpoint).create_bucket(Bucket=BUCKET)
    client("s3", endpoint).put_object(Bucket=BUCKET, Key="dags/annuity_daily.py", Body=b"first")
    airflow = ManagedAirflow(
        lambda: Endless(tmp_path, Path("python"), variables | {"AWS_DEFAULT_REGION": REGION}), BUCKET
    )
    until(lambda: is_taken(airflow))
    run = airflow.trigger("annuity_daily", "r1", {})
    until(lambda: airflow._process is not None)
    process = airflow._process
    airflow.stop()
    assert process is not None
    assert process.poll() is not None
    assert run.state == "failed"


def test_names_that_are_not_known_raise(airflow: ManagedAirflow) -> None:
    with pytest.raises(NoSuchDag):
        airflow.trigger("other", "r1", {})
    until(lambda: is_taken(airflow))
    airflow.trigger("annuity_daily", "r1", {})
    with pytest.raises(RunExists):
        airflow.trigger("annuity_daily", "r1", {})


DAG = """
from datetime import UTC, datetime
from airflow.sdk import DAG, BaseOperator

class Say(BaseOperator):
    def execute(self, context):
        if context["params"]["as_of"] == "2026-01-31":
            raise ValueError("nothing was delivered")

with DAG(dag_id="said_daily", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC), params={"as_of": None}):
    Say(task_id="say")
"""
ACCOUNT, NAME = "444444444444", "meridian-smoke-platform-airflow"


@pytest.mark.sandbox
@pytest.mark.airflow
def test_a_real_airflow_answers_plain_boto3(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door(sandbox.endpoint)
    iam, s3 = door.client("iam", ACCOUNT), door.client("s3", ACCOUNT)
    iam.create_role(RoleName="meridian-smoke-platform-airflow", AssumeRolePolicyDocument="{}")
    iam.attach_role_policy(
        RoleName="meridian-smoke-platform-airflow", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    s3.create_bucket(Bucket=NAME)
    s3.put_object(Bucket=NAME, Key="dags/said/said_daily.py", Body=DAG.encode())
    for name, value in sandbox.account_environment(ACCOUNT, ENTRY_ROLE).items():
        monkeypatch.setenv(name, value)
    import boto3  # noqa: PLC0415 -- reads the variables that were just set

    mwaa = boto3.client("mwaa")
    mwaa.create_environment(
        Name=NAME,
        DagS3Path="dags/",
        SourceBucketArn=f"arn:aws:s3:::{NAME}",
        ExecutionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/{NAME}",
        NetworkConfiguration={"SubnetIds": ["subnet-a", "subnet-b"]},
        Tags={"env": "smoke"},
    )

    def call(method: str, path: str, **given: Any) -> Any:
        return mwaa.invoke_rest_api(Name=NAME, Method=method, Path=path, **given)["RestApiResponse"]

    with pytest.raises(ClientError) as caught:
        call("GET", "/dagSources/said_daily")
    assert caught.value.response["Error"]["Code"] == "RestApiClientException"
    assert caught.value.response["RestApiStatusCode"] == 404  # type: ignore[typeddict-item]
    _until_taken(call)
    assert call("GET", "/dagSources/said_daily")["content"] == DAG
    for run_id, as_of, state in (("good", "2026-10-31", "success"), ("bad", "2026-01-31", "failed")):
        body = {"dag_run_id": run_id, "logical_date": None, "conf": {"as_of": as_of}}
        call("POST", "/dags/said_daily/dagRuns", Body=body)
        run = f"/dags/said_daily/dagRuns/{run_id}"
        deadline = time.monotonic() + REAL_SECONDS
        while (found := call("GET", run)["state"]) in ("queued", "running") and time.monotonic() < deadline:
            time.sleep(0.5)
        assert found == state
        assert call("GET", f"{run}/taskInstances")["task_instances"] == [{"task_id": "say", "state": state}]


def _until_taken(call: Callable[..., Any]) -> None:
    deadline = time.monotonic() + REAL_SECONDS
    while time.monotonic() < deadline:
        try:
            call("GET", "/dagSources/said_daily")
        except ClientError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError(call("GET", "/importErrors"))
