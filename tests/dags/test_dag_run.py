"""The rendered production DAG in Airflow itself: what is skipped, what is torn down, and how the run ends.

Services are replaced in the process; that operators ask them rightly is tested beside each operator.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pendulum
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.providers.amazon.aws.hooks.emr import EmrHook
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.providers.amazon.aws.hooks.ssm import SsmHook
from airflow.providers.amazon.aws.operators.emr import EmrTerminateJobFlowOperator

import dags
from dags import authority, release
from dags.authority import OpenRunOperator, PublishOperator
from dags.catalog import PointCatalogOperator
from dags.files import dag_files, digest_of
from dags.readers import GrantReadersOperator
from dags.sources import VerifyIngestOperator, WaitForSourcesOperator
from dags.streamsets import StreamSetsOperator
from dags.warehouse import LoadWarehouseOperator, RefreshReportsOperator
from tests.dags.conftest import HOME
from tests.dags.fake_aws import FakeEmr

REPOSITORY = Path(__file__).parents[2]
RENDERED = REPOSITORY / "environments/prod/rendered/annuity/dag"
POOLS = REPOSITORY / "dags/pools.json"
ATTEMPT = "01980000-0000-7000-8000-000000000001"
DATE = pendulum.datetime(2026, 10, 31, 4, tz="UTC")
JOBS = ["conform", "valuation", "summary"]

pytestmark = pytest.mark.airflow


@pytest.fixture(scope="module")
def bag() -> DagBag:
    """The DAGs of a tenant, from a DAGs folder as MWAA has it, in a fresh Airflow database."""
    folder = Path(HOME) / "dags"
    shutil.copytree(RENDERED, folder / "annuity")
    rendered = folder / "annuity" / "annuity_daily.py"  # without retries: a test that fails must not wait for them
    rendered.write_text(re.sub(r"retries=\d+", "retries=0", rendered.read_text()))
    for command in (["db", "migrate"], ["pools", "import", str(POOLS)]):
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *command], env=os.environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    bag = DagBag(str(folder))
    assert bag.import_errors == {}
    return bag


@pytest.fixture(scope="module")
def dag(bag: DagBag) -> Any:
    return bag.dags["annuity_daily"]


@pytest.fixture(scope="module")
def promise(bag: DagBag) -> Any:
    """The DAG that judges whether the other was ready in time."""
    return bag.dags["annuity_promise"]


def test_pools_are_those_that_operators_of_the_platform_make(dag: Any) -> None:
    used = {task.pool for task in dag.tasks} - {"default_pool"}
    assert used == set(json.loads(POOLS.read_text()))


@pytest.fixture
def emr(monkeypatch: pytest.MonkeyPatch) -> FakeEmr:
    """EMR in memory; everything else does at once what it is told."""
    client = FakeEmr()

    async def async_client(_: Any) -> FakeEmr:
        return client

    monkeypatch.setattr(EmrHook, "get_conn", lambda _: client)
    monkeypatch.setattr(EmrHook, "conn", client)
    monkeypatch.setattr(EmrHook, "get_async_conn", async_client)
    monkeypatch.setattr(SsmHook, "get_parameter_value", lambda _, parameter: "looked-up")
    monkeypatch.setattr(WaitForSourcesOperator, "execute", lambda *_, **__: None)
    monkeypatch.setattr(S3Hook, "conn", None)
    monkeypatch.setattr(StreamSetsOperator, "execute", lambda *_, **__: {"input": 1, "output": 1, "error": 0})
    monkeypatch.setattr(VerifyIngestOperator, "execute", lambda *_, **__: {})
    monkeypatch.setattr(EmrTerminateJobFlowOperator, "execute", lambda task, **_: client.end(task.job_flow_id))
    return client


def opened(monkeypatch: pytest.MonkeyPatch, *, already_published: bool) -> None:
    monkeypatch.setattr(authority, "read_manifests", lambda *_: {})
    monkeypatch.setattr(authority, "ask", lambda *_: [(ATTEMPT, already_published)])


def run(dag: Any, conf: dict[str, str] | None = None) -> tuple[str, dict[str, str]]:
    done = dag.test(logical_date=DATE, run_conf=conf)
    return str(done.state), {task.task_id: str(task.state) for task in done.get_task_instances()}


def test_published_work_leaves_the_run_green_and_starts_nothing(
    dag: Any, emr: FakeEmr, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(monkeypatch, already_published=True)
    state, tasks = run(dag)
    assert state == "success"
    assert {name for name, ended in tasks.items() if ended == "success"} == {"wait_for_sources", "open_run"}
    assert {ended for name, ended in tasks.items() if name not in ("wait_for_sources", "open_run")} == {"skipped"}
    assert emr.calls == []


def test_a_run_that_names_its_files_waits_on_a_machine_that_has_others(
    dag: Any, emr: FakeEmr, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deploy's verification asks for new SQL; this machine takes it from the bucket while the first task waits."""
    opened(monkeypatch, already_published=True)
    query = Path(dag.fileloc).parent / "warehouse/ddl.sql"
    older, newer = query.read_text(), query.read_text() + "\n"
    query.write_text(newer)
    wanted = digest_of([*dags.RUNTIME, *dag_files(query.parents[1])])
    query.write_text(older)
    looks: list[str] = []

    def look(folder: Path) -> tuple[str, ...]:
        looks.append(query.read_text())
        if len(looks) == 3:
            query.write_text(newer)
        return dag_files(folder)

    monkeypatch.setattr(release, "dag_files", look)
    state, tasks = run(dag, {"as_of": "2026-10-31", "files": wanted})
    query.write_text(older)
    assert (state, tasks["open_run"], tasks["publish"]) == ("success", "success", "skipped")
    assert looks == [older, older, older, newer], (
        "the first task looked three times, the second one found the new files"
    )


def test_a_run_that_names_no_files_asks_nothing(dag: Any, emr: FakeEmr, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(monkeypatch, already_published=True)
    monkeypatch.setattr(release, "dag_files", lambda folder: pytest.fail("an ordinary run does not wait for a release"))
    assert run(dag)[0] == "success"


def test_every_operator_of_the_runtime_can_be_told_its_release(dag: Any) -> None:
    ours = [task for task in dag.tasks if type(task).__module__.startswith("dags.")]
    assert {task.task_id for task in dag.tasks if task not in ours} == {"join_steps", "terminate_cluster"}
    assert all(isinstance(task, release.ReleasedOperator) for task in ours)


def test_failed_job_fails_the_run_and_its_promise_and_ends_its_cluster(
    dag: Any, promise: Any, emr: FakeEmr, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(monkeypatch, already_published=False)
    emr.script, emr.failure = ["RUNNING", "FAILED"], {"Message": "TrailerMismatch: policies"}
    monkeypatch.setattr(PublishOperator, "execute", lambda *_, **__: pytest.fail("nothing may be published"))
    state, tasks = run(dag)
    assert state == "failed"
    assert tasks["conform"] == "failed"
    assert tasks["publish"] == tasks["load_warehouse"] == "upstream_failed"
    assert tasks["terminate_cluster"] == "success"
    assert [cluster["Status"]["State"] for cluster in emr.clusters.values()] == ["TERMINATED"]
    assert run(promise) == ("failed", {"keep_promise": "failed"})


def test_complete_run_does_every_step_once_ends_its_cluster_and_keeps_its_promise(
    dag: Any, promise: Any, emr: FakeEmr, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(monkeypatch, already_published=False)
    monkeypatch.setattr(PublishOperator, "execute", lambda *_, **__: [])
    for operator in (PointCatalogOperator, LoadWarehouseOperator, RefreshReportsOperator, GrantReadersOperator):
        monkeypatch.setattr(operator, "execute", lambda *_, **__: None)
    state, tasks = run(dag)
    assert state == "success"
    assert set(tasks.values()) == {"success"}
    assert [cluster["Name"] for cluster in emr.clusters.values()] == ["annuity_daily-2026-10-31"]
    assert [step["Name"] for step in reversed(emr.steps)] == [f"{job}/{ATTEMPT}" for job in JOBS]
    assert [cluster["Status"]["State"] for cluster in emr.clusters.values()] == ["TERMINATED"]
    assert run(promise) == ("success", {"keep_promise": "success"})


def test_teardown_waits_for_every_step_and_counts(dag: Any) -> None:
    teardown = dag.get_task("terminate_cluster")
    assert teardown.is_teardown
    assert teardown.on_failure_fail_dagrun
    assert dag.get_task("create_cluster").is_setup
    assert dag.get_task("join_steps").trigger_rule == "all_done"
    assert dag.get_task("join_steps").upstream_task_ids == set(JOBS)
    assert teardown.upstream_task_ids == {"join_steps", "create_cluster"}
    assert not teardown.downstream_task_ids


def test_open_run_is_before_everything_else(dag: Any) -> None:
    after = {task.task_id for task in dag.get_task("open_run").get_flat_relatives(upstream=False)}
    assert after == set(dag.task_ids) - {"open_run", "wait_for_sources"}
    assert isinstance(dag.get_task("open_run"), OpenRunOperator)
