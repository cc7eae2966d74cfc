"""Starting, finding and stopping the local cloud."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import boto3
import psycopg
import pytest

from bench.local_cloud import held_mib
from sandbox import lifecycle
from sandbox.aws.accounts import Door
from sandbox.lifecycle import Sandbox, SandboxError

pytestmark = pytest.mark.sandbox


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def test_it_starts_once_is_found_and_leaves_nothing(state: Path) -> None:
    assert lifecycle.find(state) is None
    try:
        first = lifecycle.up(state)
        assert lifecycle.up(state) == first == lifecycle.find(state)
        assert first.ask("GET", "health") == {"pid": first.pid, "endpoint": first.endpoint, "state": str(state)}
    finally:
        lifecycle.down(state)
    assert not state.exists()
    assert lifecycle.find(state) is None
    with pytest.raises(ProcessLookupError):
        os.kill(first.pid, 0)
    with pytest.raises(SandboxError, match="does not answer"):
        first.ask("GET", "health")


def test_nothing_to_stop_is_no_mistake(state: Path) -> None:
    lifecycle.down(state)
    assert not state.exists()


@pytest.mark.parametrize("number", [errno.ENOENT, errno.ENOTEMPTY])
def test_a_folder_that_others_still_tidy_is_removed(state: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    tries = _first_removal_fails(monkeypatch, number)
    (state / "postgres").mkdir(parents=True)
    lifecycle.down(state)
    assert not state.exists()
    assert len(tries) == 2


def test_a_folder_that_cannot_be_removed_is_told_at_once(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = _first_removal_fails(monkeypatch, errno.EACCES)
    state.mkdir()
    with pytest.raises(PermissionError):
        lifecycle.down(state)
    assert len(tries) == 1


def test_a_folder_that_is_written_to_again_and_again_is_told(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "REMOVE_SECONDS", 0)
    _first_removal_fails(monkeypatch, errno.ENOTEMPTY)
    state.mkdir()
    with pytest.raises(OSError, match="not empty"):
        lifecycle.down(state)


def _first_removal_fails(monkeypatch: pytest.MonkeyPatch, number: int) -> list[Path]:
    """Return the folders that removal is tried on, as it is tried; the first try meets an error."""
    tries: list[Path] = []
    remove = shutil.rmtree

    def fail_once(folder: Path) -> None:
        tries.append(folder)
        if len(tries) == 1:
            raise OSError(number, os.strerror(number), str(folder))
        remove(folder)

    monkeypatch.setattr(shutil, "rmtree", fail_once)
    return tries


def test_a_killed_one_is_not_found_its_database_ends_and_the_next_knows_nothing_of_it(state: Path) -> None:
    try:
        first = lifecycle.up(state)
        Door(first.endpoint).client("s3", "111111111111").create_bucket(Bucket="short-lived")
        sockets = Path(json.loads((state / "sandbox.json").read_text())["postgres_socket_dir"])
        assert sockets.exists()
        os.kill(first.pid, signal.SIGKILL)
        os.waitpid(first.pid, 0)
        assert lifecycle.find(state) is None
        _wait_until_gone(sockets)
        second = lifecycle.up(state)
        assert second.pid != first.pid
        assert Door(second.endpoint).client("s3", "111111111111").list_buckets()["Buckets"] == []
    finally:
        lifecycle.down(state)


def test_told_to_stop_while_starting_it_stops_in_order(state: Path) -> None:
    state.mkdir()
    server = subprocess.Popen([sys.executable, "-m", "sandbox.server", "--state", str(state)])
    while not (state / "postgres" / "log").exists():  # its database is on its way
        assert server.poll() is None
        time.sleep(0.01)
    server.terminate()
    assert server.wait(60) == 0
    assert "stopping" in (state / "sandbox.log").read_text()
    assert not (state / "sandbox.json").exists()
    lifecycle.down(state)


def _wait_until_gone(folder: Path, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while folder.exists():
        assert time.monotonic() < deadline, f"{folder} is still there"
        time.sleep(0.1)


def test_a_folder_in_use_is_refused(sandbox: Sandbox) -> None:
    command = [sys.executable, "-m", "sandbox.server", "--state", str(sandbox.state)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 2
    assert f"a local cloud runs here already (pid {sandbox.pid})" in result.stderr


def test_a_server_that_dies_while_starting_shows_its_log(state: Path) -> None:
    state.mkdir()
    (state / "postgres").write_text("a file where a folder must be")
    with pytest.raises(SandboxError, match="ended while starting") as caught:
        lifecycle.up(state)
    assert "FileExistsError" in str(caught.value)
    lifecycle.down(state)


def test_it_is_light(state: Path) -> None:
    """Processor time and memory rather than the clock, which says more about what else runs on the machine."""
    try:
        running = lifecycle.up(state)
        figures = Path(f"/proc/{running.pid}/stat").read_text().rpartition(")")[2].split()
        assert (int(figures[11]) + int(figures[12])) / os.sysconf("SC_CLK_TCK") < 5
        running.bootstrap({"dev": "111111111111", "prod": "222222222222"}, "meridian")
        assert held_mib(running.pid) < 220, "it is asked to stay below 400 when both environments were applied"
    finally:
        lifecycle.down(state)


def test_terraform_is_sent_here_with_base_credentials_and_an_overlay(sandbox: Sandbox) -> None:
    environment = sandbox.terraform_environment()
    assert environment["AWS_ENDPOINT_URL"] == sandbox.endpoint
    assert environment["AWS_ACCESS_KEY_ID"] == "testing"
    override = Path(environment["SLUICE_TERRAFORM_OVERLAY"]) / "provider_override.tf"
    assert f'http_proxy = "{sandbox.endpoint}"' in override.read_text()
    assert "assume_role" not in override.read_text()


def test_a_process_acts_as_the_role_it_is_given(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in sandbox.account_environment("222222222222", "some-role").items():
        monkeypatch.setenv(name, value)
    identity = boto3.Session().client("sts").get_caller_identity()  # the default session keeps what it found first
    assert identity["Account"] == "222222222222"
    assert ":assumed-role/some-role/" in identity["Arn"]


def test_the_authority_has_one_database_per_environment(sandbox: Sandbox) -> None:
    urls = [sandbox.authority_url(environment) for environment in ("dev", "prod", "dev")]
    assert urls[0] == urls[2] != urls[1]
    with psycopg.connect(urls[0].replace("postgresql+psycopg", "postgresql")) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("authority_dev",)


def test_airflow_acts_as_the_role_of_its_environment(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="sluice apply qa/platform"):
        sandbox.airflow_environment("qa", "444444444444")
    iam = Door(sandbox.endpoint).client("iam", "444444444444")
    iam.create_role(RoleName="meridian-qa-platform-airflow", AssumeRolePolicyDocument='{"Statement": []}')
    environment = sandbox.airflow_environment("qa", "444444444444")
    assert json.loads(environment["AIRFLOW_CONN_AUTHORITY"])["schema"] == "authority_qa"
    assert json.loads(environment["AIRFLOW_CONN_STREAMSETS"])["host"] == f"{sandbox.endpoint}/_sdc/444444444444"
    assert environment["AWS_SESSION_TOKEN"]
