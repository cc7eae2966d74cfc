"""One cluster per run and one step per job and attempt; failures in the job's own words."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.amazon.aws.hooks.emr import EmrHook
from airflow.providers.amazon.aws.hooks.ssm import SsmHook
from airflow.sdk.exceptions import AirflowException, AirflowFailException, TaskDeferred

from dags import job_flow
from dags.emr import CreateClusterOperator, FindClusterOperator, RunStepOperator
from tests.dags.conftest import run_task
from tests.dags.fake_aws import FakeEmr

NAME = "annuity_daily-2026-10-31"
RUN_KEY = "annuity_daily/scheduled__2026-10-31T04:00:00+00:00"
ROLE = "arn:aws:iam::222222222222:role/tenant/annuity/meridian-prod-annuity-job-conform"
PARAMETERS = {"/m/subnets": "subnet-1, subnet-2", "/m/group": "sg-1"}
FLOW = {
    "Name": "replaced",
    "ReleaseLabel": "emr-7.14.0",
    "Instances": {"Ec2SubnetIds": ["ssm:/m/subnets"], "EmrManagedMasterSecurityGroup": "ssm:/m/group"},
    "Tags": [{"Key": "tenant", "Value": "annuity"}, {"Key": "expires_at", "Value": "never"}],
}


@pytest.fixture
def emr(monkeypatch: pytest.MonkeyPatch) -> FakeEmr:
    client = FakeEmr()

    async def async_client(_: Any) -> FakeEmr:
        return client

    monkeypatch.setattr(EmrHook, "get_conn", lambda _: client)
    monkeypatch.setattr(EmrHook, "conn", client)
    monkeypatch.setattr(EmrHook, "get_async_conn", async_client)
    monkeypatch.setattr(SsmHook, "get_parameter_value", lambda _, parameter: PARAMETERS[parameter])
    return client


@pytest.fixture
def create(tmp_path: Path) -> CreateClusterOperator:
    path = tmp_path / "job_flow.json"
    path.write_text(json.dumps(FLOW))
    return CreateClusterOperator(
        task_id="create_cluster", job_flow_path=str(path), run_key=RUN_KEY, max_hours=6, as_of="2026-10-31"
    )


def step(cluster_id: str, **other: Any) -> RunStepOperator:
    arguments: dict[str, Any] = {
        "task_id": "conform", "cluster_id": cluster_id, "step_name": "conform/a-1", "arguments": ["spark-submit", "x"],
        "execution_role_arn": ROLE, "upstream_cluster_task": "create_cluster", "timeout_minutes": 1,
    }  # fmt: skip
    return RunStepOperator(**arguments | other)


def test_cluster_is_started_once_and_tagged(create: CreateClusterOperator, emr: FakeEmr) -> None:
    first = run_task(create)
    [flow] = emr.made("run_job_flow")
    assert flow["Name"] == NAME
    assert flow["Instances"] == {"Ec2SubnetIds": ["subnet-1", "subnet-2"], "EmrManagedMasterSecurityGroup": "sg-1"}
    tags = {tag["Key"]: tag["Value"] for tag in flow["Tags"]}
    assert len(tags) == len(flow["Tags"])
    expires = dt.datetime.fromisoformat(tags.pop("expires_at"))
    assert dt.timedelta(hours=5.9) < expires - dt.datetime.now(dt.UTC) <= dt.timedelta(hours=6)
    assert tags == {"managed-by": "sluice", "tenant": "annuity", "run_key": RUN_KEY, "dag_id": "annuity_daily"}
    assert run_task(create) == first, "a retry finds the cluster of the earlier try"
    assert len(emr.made("run_job_flow")) == 1


@pytest.mark.parametrize("state", ["TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS"])
def test_ended_cluster_is_not_found_again(create: CreateClusterOperator, emr: FakeEmr, state: str) -> None:
    emr.add_cluster(NAME, state, run_key=RUN_KEY)
    run_task(create)
    assert len(emr.made("run_job_flow")) == 1


def test_another_runs_cluster_is_not_taken(create: CreateClusterOperator, emr: FakeEmr) -> None:
    emr.add_cluster("annuity_daily-2026-10-30", run_key=RUN_KEY)
    emr.add_cluster(NAME, run_key="annuity_daily/manual__1")
    emr.add_cluster(NAME)
    run_task(create)
    assert len(emr.made("run_job_flow")) == 1


def test_nothing_follows_the_start_of_a_cluster(create: CreateClusterOperator, emr: FakeEmr) -> None:
    """What follows could fail, and Airflow would then not tear the cluster down."""
    run_task(create)
    assert emr.calls[-1][0] == "run_job_flow"


@pytest.mark.parametrize("run_id", ["manual__x~y|z", "ü" * 300, "a" * 300])
def test_tag_values_fit_and_stay_distinct(run_id: str) -> None:
    value = job_flow.tag_value(f"d/{run_id}")
    assert len(value) <= 256
    assert not job_flow.TAG_FORBIDS.search(value)
    assert value != job_flow.tag_value(f"d/{run_id}'")


def test_long_running_cluster_is_found_by_name(emr: FakeEmr) -> None:
    emr.add_cluster("meridian-dev-platform-emr", "TERMINATED")
    find = FindClusterOperator(task_id="find_cluster", cluster_name="meridian-dev-platform-emr")
    with pytest.raises(AirflowException, match="0 active clusters called 'meridian-dev-platform-emr'"):
        run_task(find)
    wanted = emr.add_cluster("meridian-dev-platform-emr", "RUNNING")
    assert run_task(find) == wanted
    emr.add_cluster("meridian-dev-platform-emr", "STARTING")
    with pytest.raises(AirflowException, match="2 active clusters"):
        run_task(find)


def test_step_is_added_with_the_jobs_role(emr: FakeEmr) -> None:
    cluster_id = emr.add_cluster("c", "STARTING")
    assert run_task(step(cluster_id)) == "s-1"
    [added] = emr.made("add_job_flow_steps")
    assert added["ExecutionRoleArn"] == ROLE
    assert added["Steps"] == [
        {
            "Name": "conform/a-1", "ActionOnFailure": "CONTINUE",
            "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["spark-submit", "x"]},
        }
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["PENDING", "RUNNING", "COMPLETED"])
def test_step_of_an_earlier_try_is_adopted(emr: FakeEmr, state: str) -> None:
    earlier = emr.add_step("conform/a-1", state, ["RUNNING", "COMPLETED"] if state != "COMPLETED" else [])
    assert run_task(step(emr.add_cluster("c"))) == earlier
    assert emr.made("add_job_flow_steps") == []


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED", "INTERRUPTED", "CANCEL_PENDING"])
def test_failed_step_is_added_again(emr: FakeEmr, state: str) -> None:
    earlier = emr.add_step("conform/a-1", state)
    emr.add_step("conform/a-0", "COMPLETED")
    assert run_task(step(emr.add_cluster("c"))) != earlier


def test_completed_step_is_adopted_when_the_cluster_is_gone(emr: FakeEmr) -> None:
    earlier = emr.add_step("conform/a-1", "COMPLETED")
    assert run_task(step(emr.add_cluster("c", "TERMINATED"))) == earlier


@pytest.mark.parametrize("state", ["TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS"])
def test_gone_cluster_is_refused_with_where_to_clear_from(emr: FakeEmr, state: str) -> None:
    with pytest.raises(AirflowFailException) as error:
        run_task(step(emr.add_cluster("c", state)))
    assert str(error.value) == (
        f"EMR cluster j-1 is {state}: why {state}\n"
        "  fix:      clear from create_cluster: that task and everything after it"
    )


def test_failure_is_told_in_the_jobs_words(emr: FakeEmr) -> None:
    emr.script = ["RUNNING", "FAILED"]
    emr.failure = {
        "Message": "TrailerMismatch: policies: trailer says 200, file holds 199",
        "LogFile": "s3://logs/stderr.gz",
    }
    with pytest.raises(AirflowException) as error:
        run_task(step(emr.add_cluster("c")))
    assert not isinstance(error.value, AirflowFailException)
    assert str(error.value) == (
        "TrailerMismatch: policies: trailer says 200, file holds 199\n"
        "  where:    step 'conform/a-1' (s-1) on cluster j-1, FAILED\n"
        "  log:      s3://logs/stderr.gz\n"
        "  fix:      mend the data or the job, then clear this task"
    )


def test_cluster_that_dies_under_a_step_is_the_reason(emr: FakeEmr) -> None:
    cluster_id = emr.add_cluster("c", "TERMINATED_WITH_ERRORS")
    emr.add_step("conform/a-1", "PENDING", ["CANCELLED"])
    with pytest.raises(AirflowFailException, match="why:      cluster j-1 is TERMINATED_WITH_ERRORS: why TERM"):
        run_task(step(cluster_id))


def test_throttling_is_tolerated_and_lasting_silence_is_not(emr: FakeEmr) -> None:
    cluster_id = emr.add_cluster("c")
    emr.hiccups = 3
    assert run_task(step(cluster_id)) == "s-1"
    emr.hiccups = 10_000
    with pytest.raises(AirflowException, match=r"Rate exceeded.*\n.*no answer for"):
        run_task(step(cluster_id, step_name="conform/a-2"))


def test_too_slow_a_step_is_cancelled(emr: FakeEmr) -> None:
    emr.script = ["RUNNING"]
    with pytest.raises(AirflowException, match="was cancelled"):
        run_task(step(emr.add_cluster("c"), timeout_minutes=0.0005))
    assert emr.made("cancel_steps")[0]["StepIds"] == ["s-1"]


def test_killing_cancels_the_step_while_it_waits_too(emr: FakeEmr) -> None:
    task = step(emr.add_cluster("c"))
    task.on_kill()
    assert emr.made("cancel_steps") == []
    with pytest.raises(TaskDeferred) as deferred:
        task.execute({})
    task.on_kill()
    trigger: Any = deferred.value.trigger
    asyncio.run(trigger.on_kill())
    assert [call["StepIds"] for call in emr.made("cancel_steps")] == [["s-1"], ["s-1"]]
