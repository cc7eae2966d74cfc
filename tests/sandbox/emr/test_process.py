"""Nothing of a step is left: not when it ends, not when it is stopped, not when the server stops or is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox import lifecycle
from sandbox.aws.accounts import Door
from sandbox.emr.process import LIFELINE, StepProcess
from sandbox.emr.spark.submit import Command

ACCOUNT = "111111111111"


def process(folder: Path, script: str) -> StepProcess:
    return StepProcess(Command(("bash", "-c", script), {"PATH": os.environ["PATH"]}), folder)


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def pid_in(path: Path) -> int:
    until(lambda: path.exists() and path.read_text().endswith("\n"))
    return int(path.read_text())


def test_output_and_exit_code(tmp_path: Path) -> None:
    assert process(tmp_path, "echo out; echo err >&2; exit 3").run() == 3
    assert [(tmp_path / name).read_text() for name in ("stdout", "stderr")] == ["out\n", "err\n"]


def test_what_a_job_leaves_running_ends_with_it(tmp_path: Path) -> None:
    assert process(tmp_path, "sleep 60 & echo $! > pid").run() == 0
    until(lambda: not is_running(pid_in(tmp_path / "pid")))


def test_stopping_asks_first(tmp_path: Path) -> None:
    step = process(tmp_path, "trap 'echo asked; exit 7' TERM; echo $$ > pid; while :; do sleep 0.05; done")
    codes: list[int | None] = []
    thread = threading.Thread(target=lambda: codes.append(step.run()))
    thread.start()
    pid_in(tmp_path / "pid")
    step.stop()
    thread.join(5)
    assert codes == [7]
    assert (tmp_path / "stdout").read_text() == "asked\n"


def test_a_step_stopped_before_it_starts_never_does(tmp_path: Path) -> None:
    step = process(tmp_path, "touch started")
    step.stop()
    assert step.run() is None
    assert not (tmp_path / "started").exists()


@pytest.mark.skipif(not LIFELINE, reason="setpriv (util-linux) is not on this system: there is no lifeline to try")
def test_a_step_does_not_outlive_a_killed_server(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, pathlib; from tests.sandbox.emr.test_process import process;"
            "process(pathlib.Path(sys.argv[1]), 'echo $$ > pid; exec sleep 60').run()",
            str(tmp_path),
        ],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    pid = pid_in(tmp_path / "pid")
    assert is_running(pid)
    server.send_signal(signal.SIGKILL)
    server.wait(5)
    until(lambda: not is_running(pid))


@pytest.mark.sandbox
def test_a_server_that_stops_leaves_no_step(tmp_path: Path) -> None:
    cloud = lifecycle.up(tmp_path / "state")
    try:
        pid = pid_in(_running_step(Door(cloud.endpoint), tmp_path / "pid"))
        assert is_running(pid)
    finally:
        lifecycle.down(cloud.state)
    assert not is_running(pid)
    assert not cloud.state.exists()


def _running_step(door: Door, pid_file: Path) -> Path:
    """Start a cluster whose only step writes its pid to a file and does not heed SIGTERM."""
    iam, emr = door.client("iam", ACCOUNT), door.client("emr", ACCOUNT)
    for role in ("service", "nodes"):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    iam.create_instance_profile(InstanceProfileName="nodes")
    iam.add_role_to_instance_profile(InstanceProfileName="nodes", RoleName="nodes")
    script = f"trap '' TERM; echo $$ > {pid_file}; sleep 60; sleep 60"
    emr.run_job_flow(
        Name="left alone",
        ReleaseLabel="emr-7.14.0",
        JobFlowRole="nodes",
        ServiceRole="service",
        Instances={"KeepJobFlowAliveWhenNoSteps": True},
        Steps=[{"Name": "s", "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["bash", "-c", script]}}],
    )
    return pid_file
