"""EMR's life cycle and its rules, through boto3. Steps are small commands: Spark has tests of its own."""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from sandbox.emr.backend import LocalEmrBackend
from tests.sandbox.emr_in_process import ACCOUNT, LOGS, RUNTIME_ROLE, LocalEmr, local_emr

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEmr]:
    with local_emr(tmp_path_factory.mktemp("emr")) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def shared(cloud: LocalEmr) -> str:
    """A cluster for tests that neither end it nor mind each other."""
    return cloud.run("shared")


@pytest.fixture(autouse=True)
def no_faults(cloud: LocalEmr) -> Iterator[None]:
    yield
    assert cloud.faults.list() == [], "a fault never struck"


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_a_cluster_lives_as_emrs_do(cloud: LocalEmr, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = replace(LocalEmrBackend.runtime, provision_seconds=1.0, bootstrap_seconds=1.0)  # each state can be seen
    monkeypatch.setattr(LocalEmrBackend, "runtime", slow)
    cluster = cloud.run("life", Tags=[{"Key": "run_key", "Value": "annuity_daily/1"}])
    assert cloud.cluster(cluster)["Status"]["State"] == "STARTING"
    cloud.until(cluster, "BOOTSTRAPPING")
    assert "ReadyDateTime" in cloud.until(cluster, "WAITING")["Timeline"]
    step = cloud.add(cluster, "sleep", "1.5")
    cloud.until(cluster, "RUNNING")
    cloud.until_step(cluster, step, "COMPLETED")
    cloud.until(cluster, "WAITING")
    assert cloud.cluster(cluster)["Tags"] == [{"Key": "run_key", "Value": "annuity_daily/1"}]
    cloud.emr.terminate_job_flows(JobFlowIds=[cluster])
    status = cloud.until(cluster, "TERMINATED")
    assert status["StateChangeReason"] == {"Code": "USER_REQUEST", "Message": "Terminated by user request"}
    assert status["Timeline"]["EndDateTime"] >= status["Timeline"]["ReadyDateTime"]


def test_clusters_are_listed_by_state_and_creation(cloud: LocalEmr, shared: str) -> None:
    cloud.until(shared, "WAITING", "RUNNING")
    hour = datetime.timedelta(hours=1)
    now = datetime.datetime.now(datetime.UTC)

    def ids(**filters: object) -> set[str]:
        return {cluster["Id"] for cluster in cloud.emr.list_clusters(**filters)["Clusters"]}

    assert shared in ids(ClusterStates=["WAITING", "RUNNING"], CreatedAfter=now - hour)
    assert shared not in ids(ClusterStates=["TERMINATED"])
    assert shared not in ids(CreatedAfter=now + hour)
    assert shared not in ids(CreatedBefore=now - hour)


def test_a_cluster_belongs_to_its_account(cloud: LocalEmr, shared: str) -> None:
    assert cloud.cluster(shared)["ClusterArn"].split(":")[4] == ACCOUNT


def test_unknown_ids_are_refused(cloud: LocalEmr, shared: str) -> None:
    with pytest.raises(ClientError) as error:
        cloud.cluster("j-NONE")
    assert refusal(error) == ("InvalidRequestException", "Cluster id 'j-NONE' is not valid.")
    with pytest.raises(ClientError) as error:
        cloud.step(shared, "s-NONE")
    assert refusal(error) == ("InvalidRequestException", "Step id 's-NONE' is not valid.")
    with pytest.raises(ClientError, match="j-NONE"):
        cloud.add("j-NONE", "true")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"JobFlowRole": "nobody"}, "Invalid InstanceProfile: nobody."),
        ({"ServiceRole": "nobody"}, "Invalid ServiceRole: nobody."),
        ({"SecurityConfiguration": "none"}, "Security configuration with name 'none' does not exist."),
    ],
)
def test_a_cluster_names_what_exists(cloud: LocalEmr, parameters: dict[str, str], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        cloud.run(**parameters)


def test_a_steps_logs_are_where_emr_puts_them(cloud: LocalEmr, shared: str) -> None:
    step = cloud.add(shared, "bash", "-c", "echo to stdout; echo to stderr >&2")
    assert cloud.until_step(shared, step)["State"] == "COMPLETED"
    assert cloud.log(shared, step, "stdout") == "to stdout\n"
    assert cloud.log(shared, step, "stderr") == "to stderr\n"
    assert "ended with exit code 0" in cloud.log(shared, step, "controller")


def test_a_failing_step_says_why(cloud: LocalEmr, shared: str) -> None:
    script = "import sys; print('at work', file=sys.stderr); raise ValueError('trailer says 200 details')"
    step = cloud.add(shared, "python3", "-c", script)
    status = cloud.until_step(shared, step)
    assert status["State"] == "FAILED"
    assert status["FailureDetails"] == {
        "Reason": "Unknown Error.",
        "Message": "ValueError: trailer says 200 details",
        "LogFile": f"s3://{LOGS}/emr/{shared}/steps/{step}/stdout.gz",
    }
    assert cloud.until(shared, "WAITING", "RUNNING")


def test_what_cannot_run_fails_with_its_reason(cloud: LocalEmr, shared: str) -> None:
    missing = cloud.add(shared, "no-such-command")
    assert "no-such-command" in cloud.until_step(shared, missing, "FAILED")["FailureDetails"]["Message"]
    jar = cloud.emr.add_job_flow_steps(
        JobFlowId=shared,
        Steps=[{"Name": "jar", "ActionOnFailure": "CONTINUE", "HadoopJarStep": {"Jar": "s3://code/own.jar"}}],
    )["StepIds"][0]
    assert "command-runner.jar only" in cloud.until_step(shared, jar, "FAILED")["FailureDetails"]["Message"]


@pytest.mark.parametrize("action", ["TERMINATE_CLUSTER", "CANCEL_AND_WAIT"])
def test_action_on_failure(cloud: LocalEmr, action: str) -> None:
    cluster = cloud.run(action)
    failing = cloud.add(cluster, "false", action=action)
    pending = cloud.add(cluster, "true")
    cloud.until_step(cluster, failing, "FAILED")
    cloud.until_step(cluster, pending, "CANCELLED")
    if action == "TERMINATE_CLUSTER":
        assert cloud.until(cluster, "TERMINATED_WITH_ERRORS")["StateChangeReason"]["Code"] == "STEP_FAILURE"
    else:
        cloud.until(cluster, "WAITING")


def test_steps_run_one_after_another_unless_told_otherwise(cloud: LocalEmr) -> None:
    cluster = cloud.run("serial")
    first, second = cloud.add(cluster, "sleep", "0.6"), cloud.add(cluster, "true")
    cloud.until_step(cluster, first, "RUNNING")
    assert cloud.step(cluster, second)["Status"]["State"] == "PENDING"
    ended = cloud.until_step(cluster, first, "COMPLETED")["Timeline"]["EndDateTime"]
    assert cloud.until_step(cluster, second, "COMPLETED")["Timeline"]["StartDateTime"] >= ended


def test_steps_run_side_by_side_up_to_the_level(cloud: LocalEmr) -> None:
    cluster = cloud.run("parallel", StepConcurrencyLevel=2)
    steps = [cloud.add(cluster, "sleep", "1") for _ in range(3)]
    cloud.until_step(cluster, steps[1], "RUNNING")
    states = [cloud.step(cluster, step)["Status"]["State"] for step in steps]
    assert states == ["RUNNING", "RUNNING", "PENDING"]
    with pytest.raises(ClientError, match="ActionOnFailure TERMINATE_CLUSTER is not valid"):
        cloud.add(cluster, "true", action="TERMINATE_CLUSTER")


def test_steps_of_run_job_flow_run_and_end_the_cluster(cloud: LocalEmr) -> None:
    step = {"Name": "only", "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["true"]}}
    cluster = cloud.run("transient", Instances={"KeepJobFlowAliveWhenNoSteps": False}, Steps=[step])
    status = cloud.until(cluster, "TERMINATED")
    assert status["StateChangeReason"] == {"Code": "ALL_STEPS_COMPLETED", "Message": "Steps completed"}
    assert [step["Status"]["State"] for step in cloud.emr.list_steps(ClusterId=cluster)["Steps"]] == ["COMPLETED"]


def test_cancelling_steps(cloud: LocalEmr) -> None:
    cluster = cloud.run("cancel")
    running, pending = cloud.add(cluster, "sleep", "60"), cloud.add(cluster, "true")
    cloud.until_step(cluster, running, "RUNNING")
    answer = cloud.emr.cancel_steps(ClusterId=cluster, StepIds=[running, pending, "s-NONE"])["CancelStepsInfoList"]
    assert [info["Status"] for info in answer] == ["SUBMITTED", "SUBMITTED", "FAILED"]
    for step in (running, pending):
        assert cloud.until_step(cluster, step)["StateChangeReason"]["Message"] == "Cancelled by user"
        assert cloud.step(cluster, step)["Status"]["State"] == "CANCELLED"
    again = cloud.emr.cancel_steps(ClusterId=cluster, StepIds=[running])["CancelStepsInfoList"][0]
    assert again["Reason"] == f"Step {running} is already CANCELLED."
    cloud.until(cluster, "WAITING")


def test_terminating_takes_the_whole_process_group(cloud: LocalEmr, tmp_path: Path) -> None:
    cluster = cloud.run("group")
    pids = tmp_path / "pids"
    script = f"trap '' TERM; sleep 60 & echo $$ $! > {pids}.half; mv {pids}.half {pids}; wait; wait"
    step = cloud.add(cluster, "bash", "-c", script)
    cloud.until_step(cluster, step, "RUNNING")
    while not pids.exists():
        time.sleep(0.02)
    cloud.emr.terminate_job_flows(JobFlowIds=[cluster])
    cloud.until(cluster, "TERMINATED")
    assert cloud.step(cluster, step)["Status"]["State"] == "CANCELLED"
    assert [pid for pid in pids.read_text().split() if _is_running(int(pid))] == []


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_cluster_that_has_ended_takes_no_steps(cloud: LocalEmr) -> None:
    cluster = cloud.run("ended")
    cloud.emr.terminate_job_flows(JobFlowIds=[cluster])
    cloud.until(cluster, "TERMINATED")
    with pytest.raises(ClientError) as error:
        cloud.add(cluster, "true")
    assert refusal(error) == (
        "ValidationException",
        "A job flow that is shutting down, terminating, or finished may not be modified.",
    )
    assert cloud.cluster(cluster)["Status"]["State"] == "TERMINATED"


def test_termination_protection(cloud: LocalEmr) -> None:
    cluster = cloud.run("protected", Instances={"TerminationProtected": True, "KeepJobFlowAliveWhenNoSteps": False})
    cloud.until(cluster, "WAITING")
    with pytest.raises(ClientError, match="termination protected"):
        cloud.emr.terminate_job_flows(JobFlowIds=[cluster])
    assert cloud.cluster(cluster)["Status"]["State"] == "WAITING"
    cloud.emr.set_termination_protection(JobFlowIds=[cluster], TerminationProtected=False)
    cloud.until(cluster, "TERMINATED")


def test_an_idle_cluster_ends_itself(cloud: LocalEmr) -> None:
    cluster = cloud.run("idle")
    busy = cloud.add(cluster, "sleep", "1.5")
    cloud.emr.put_auto_termination_policy(ClusterId=cluster, AutoTerminationPolicy={"IdleTimeout": 1})
    assert cloud.until_step(cluster, busy)["State"] == "COMPLETED"
    assert "idle for 1 seconds" in cloud.until(cluster, "TERMINATED")["StateChangeReason"]["Message"]


def test_run_job_flow_takes_an_auto_termination_policy(cloud: LocalEmr) -> None:
    cluster = cloud.run("idle", AutoTerminationPolicy={"IdleTimeout": 1})
    assert cloud.emr.get_auto_termination_policy(ClusterId=cluster)["AutoTerminationPolicy"] == {"IdleTimeout": 1}
    cloud.until(cluster, "TERMINATED")


def test_a_cluster_with_runtime_roles_wants_one_for_each_step(cloud: LocalEmr, shared: str) -> None:
    cluster = cloud.run("roles", SecurityConfiguration="runtime-roles")
    with pytest.raises(ClientError) as error:
        cloud.add(cluster, "true")
    assert refusal(error)[0] == "ValidationException"
    assert refusal(error)[1].startswith("Runtime roles are required for this cluster.")
    with pytest.raises(ClientError, match="does not exist in account 111111111111"):
        cloud.add(cluster, "true", ExecutionRoleArn=RUNTIME_ROLE + "-typo")
    with pytest.raises(ClientError, match="Runtime roles are not supported on this cluster"):
        cloud.add(shared, "true", ExecutionRoleArn=RUNTIME_ROLE)
    assert cloud.emr.list_steps(ClusterId=cluster)["Steps"] == []


def test_a_step_acts_as_its_role(cloud: LocalEmr) -> None:
    cluster = cloud.run("roles", SecurityConfiguration="runtime-roles")
    script = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    step = cloud.add(cluster, sys.executable, "-c", script, ExecutionRoleArn=RUNTIME_ROLE)
    assert cloud.until_step(cluster, step)["State"] == "COMPLETED"
    assert cloud.step(cluster, step)["ExecutionRoleArn"] == RUNTIME_ROLE
    assert cloud.log(cluster, step, "stdout") == f"arn:aws:sts::{ACCOUNT}:assumed-role/job-conform/{step}\n"


def test_no_capacity(cloud: LocalEmr) -> None:
    cloud.suffer("emr_no_capacity", match="^starved$")
    lucky, starved = cloud.run("lucky"), cloud.run("starved")
    step = cloud.add(starved, "true")
    status = cloud.until(starved, "TERMINATED_WITH_ERRORS")
    assert "insufficient capacity" in status["StateChangeReason"]["Message"]
    assert status["ErrorDetails"][0]["ErrorCode"] == "INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ"
    assert cloud.step(starved, step)["Status"]["State"] == "CANCELLED"
    cloud.until(lucky, "WAITING")


def test_spot_interruption(cloud: LocalEmr) -> None:
    cluster = cloud.run("spot")
    cloud.suffer("emr_spot_interruption", match="^conform/", after_seconds=0.2)
    running, pending = cloud.add(cluster, "sleep", "60", name="conform/1"), cloud.add(cluster, "true")
    status = cloud.until(cluster, "TERMINATED_WITH_ERRORS")
    assert status["StateChangeReason"]["Code"] == "INSTANCE_FAILURE"
    assert "Spot interruption" in cloud.until_step(cluster, running, "FAILED")["FailureDetails"]["Message"]
    cloud.until_step(cluster, pending, "CANCELLED")


def test_a_killed_step(cloud: LocalEmr, shared: str) -> None:
    cloud.suffer("emr_step_failure", match="^killed$", after_seconds=0.2)
    step = cloud.add(shared, "sleep", "60", name="killed")
    message = cloud.until_step(shared, step, "FAILED")["FailureDetails"]["Message"]
    assert message == "the step's process was killed by SIGKILL"


def test_a_slow_step(cloud: LocalEmr, shared: str) -> None:
    cloud.suffer("emr_slow_step", match="^slow$", seconds=1)
    step = cloud.add(shared, "true", name="slow")
    timeline = cloud.until_step(shared, step, "COMPLETED")["Timeline"]
    assert (timeline["EndDateTime"] - timeline["StartDateTime"]).total_seconds() >= 0.9
