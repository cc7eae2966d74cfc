"""What Pulumi's command is told, by a stand-in that writes it down: its engine is not on the machines that test this.

Proved is what is ours: that the engine gets what was judged, where the record is kept, and where secrets are not.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from delivery.ephemeral import lifecycle, python
from delivery.ephemeral.account import Account
from delivery.ephemeral.cluster import to_json
from delivery.ephemeral.errors import NotForThis, PulumiFailed, ToolMissing
from tests.delivery.ephemeral.conftest import ANN, NOW, ROOT, Ground

FAKE = Path(__file__).with_name("fake_pulumi.py")


@dataclass(frozen=True)
class Desk:
    """An account as seen from a machine that has the stand-in on its PATH, and what the stand-in wrote down."""

    account: Account
    folder: Path

    @classmethod
    def at(cls, folder: Path, ground: Ground) -> Desk:
        command = folder / "pulumi"
        command.write_text(f"#!{python.interpreter(ROOT).absolute()}\n{FAKE.read_text()}")
        command.chmod(0o755)
        variables = {**ground.account.variables, "PATH": f"{folder}:/usr/bin:/bin", "SLUICE_FORGE_TOKEN": "hidden"}
        return cls(replace(ground.account, variables=variables), folder)

    @property
    def calls(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "calls.jsonl").read_text().splitlines()]

    @property
    def commands(self) -> list[str]:
        return [call["command"] for call in self.calls]

    def call(self, command: str) -> dict[str, Any]:
        """Return the one call of this command."""
        [found] = [call for call in self.calls if call["command"] == command]
        return found


@pytest.fixture
def desk(tmp_path: Path, ground: Ground) -> Desk:
    return Desk.at(tmp_path, ground)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory, ground: Ground, prepared: lifecycle.Prepared) -> Desk:
    """Where Ann's cluster was started once, over the record of an earlier one that had ended by itself."""
    desk = Desk.at(tmp_path_factory.mktemp("started"), ground)
    (desk.folder / "stack").touch()
    lifecycle.start(desk.account, prepared, print)
    return desk


def test_engine_gets_what_was_judged(started: Desk, prepared: lifecycle.Prepared) -> None:
    """The program declares over the wire, to an engine, what it declared under mocks to be judged."""
    given = to_json(prepared.cluster)
    code, output = python.run(ROOT, lifecycle.RECORD, given=given, variables=started.account.variables)
    assert code == 0
    assert json.loads((started.folder / "declared.json").read_text()) == json.loads(output)


def test_record_of_a_cluster_that_ended_by_itself_is_dropped_first(started: Desk) -> None:
    commands = started.commands
    assert commands.index("stack rm") < commands.index("stack init") < commands.index("up")
    assert "--force" in started.call("stack rm")["arguments"]


def test_record_lies_in_the_state_bucket_under_a_key(started: Desk) -> None:
    settings = started.call("up")["settings"]
    key = "awskms://alias/meridian-dev-delivery?region=us-east-1&awssdk=v2&context_sluice=ephemeral"
    assert "url: s3://meridian-dev-platform-tfstate/pulumi?region=us-east-1" in settings["Pulumi.yaml"]
    assert key in settings["Pulumi.dev-ann.yaml"]
    assert any(word.startswith(key) for word in started.call("stack init")["arguments"])


def test_nothing_secret_is_on_a_command_line_or_in_a_file(started: Desk) -> None:
    for call in started.calls:
        shown = json.dumps([call["arguments"], call["settings"]])
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            assert call["environment"][name] not in shown


def test_command_acts_as_the_environments_role_and_knows_nothing_else(started: Desk) -> None:
    for call in started.calls:
        environment = call["environment"]
        assert environment["AWS_SESSION_TOKEN"]
        assert environment["AWS_SECRET_ACCESS_KEY"] != "testing"
        assert environment["AWS_REGION"] == "us-east-1"
        assert "SLUICE_FORGE_TOKEN" not in environment
    assert started.call("up")["environment"]["PULUMI_HOME"] == str((ROOT / ".sluice/pulumi").absolute())


@pytest.fixture
def running(ground: Ground, prepared: lifecycle.Prepared) -> Iterator[str]:
    """The id of Ann's cluster, which runs."""
    cluster_id = ground.add_cluster(prepared.cluster.name, **prepared.cluster.tags)
    yield cluster_id
    ground.client("emr").terminate_job_flows(JobFlowIds=[cluster_id])


def test_interrupted_start_is_finished_and_keeps_its_end(
    desk: Desk, running: str, prepared: lifecycle.Prepared
) -> None:
    (desk.folder / "stack").touch()
    later = replace(desk.account, now=lambda: NOW.replace(hour=15))
    again = lifecycle.prepare(later, ANN)
    assert again.running
    assert again.running.cluster_id == running
    assert again.cluster == prepared.cluster
    lifecycle.start(later, again, print)
    assert "up" in desk.commands
    assert not {"stack rm", "stack init"} & set(desk.commands)


def test_running_cluster_without_a_record_is_not_started_twice(
    desk: Desk, running: str, prepared: lifecycle.Prepared
) -> None:
    again = replace(prepared, running=lifecycle.clusters(desk.account)[0])
    heard: list[str] = []
    with pytest.raises(PulumiFailed, match="sluice ephemeral down --env dev ann"):
        lifecycle.start(desk.account, again, heard.append)
    assert any("no stack named" in line for line in heard)
    assert not {"stack init", "up"} & set(desk.commands)


def test_down_ends_what_no_record_knows(ground: Ground, desk: Desk, running: str) -> None:
    """Started, and killed before anything was recorded."""
    assert [one.cluster_id for one in lifecycle.stop(desk.account, "ann", print)] == [running]
    assert "destroy" not in desk.commands
    assert ground.state(running).startswith("TERMINAT")


def test_interrupted_engine_ends_in_order_and_is_waited_for(desk: Desk, prepared: lifecycle.Prepared) -> None:
    (desk.folder / "slow").touch()
    order = {"action": "up", "stack": "dev-ann", "backend": "s3://x", "secrets_provider": "awskms://x", "home": "/x"}
    process = subprocess.Popen(
        [python.interpreter(ROOT), "-m", lifecycle.ENGINE],
        env={**desk.account.variables, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps({**order, "cluster": to_json(prepared.cluster)}))
    process.stdin.close()
    process.stdin = None
    try:
        deadline = time.monotonic() + 60
        while not (desk.folder / "waiting").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (desk.folder / "recorded").exists()
    assert process.returncode == 1
    assert "a last line" in output
    assert "update canceled" in output


def test_somebody_elses_name_is_refused(desk: Desk, running: str) -> None:
    with pytest.raises(NotForThis, match=r"'ann' runs already, for ann@meridian[.]example"):
        lifecycle.prepare(desk.account, replace(ANN, owner="bob@meridian.example"))


def test_cluster_whose_time_is_over_is_not_taken_up_again(desk: Desk, running: str) -> None:
    later = replace(desk.account, now=lambda: NOW.replace(hour=18))
    with pytest.raises(NotForThis, match="its time is over: it expired at 2026-11-23T17:00:00Z"):
        lifecycle.prepare(later, ANN)


def test_down_destroys_and_drops_the_record(desk: Desk, running: str) -> None:
    (desk.folder / "stack").touch()
    assert [one.cluster_id for one in lifecycle.stop(desk.account, "ann", print)] == [running]
    assert desk.commands.index("destroy") < desk.commands.index("stack rm")
    assert "--force" not in desk.call("stack rm")["arguments"]
    assert not (desk.folder / "stack").exists()


def test_down_of_what_ended_by_itself_drops_the_record(desk: Desk) -> None:
    (desk.folder / "stack").touch()
    assert lifecycle.stop(desk.account, "ann", print) == []
    assert "destroy" not in desk.commands
    assert not (desk.folder / "stack").exists()


def test_down_of_what_never_was_is_no_failure(desk: Desk) -> None:
    assert lifecycle.stop(desk.account, "ann", print) == []
    assert "stack rm" not in desk.commands


def test_what_pulumi_says_is_heard_and_its_failure_told(desk: Desk, prepared: lifecycle.Prepared) -> None:
    (desk.folder / "fail").touch()
    heard: list[str] = []
    with pytest.raises(PulumiFailed, match="dev/ann: pulumi up failed") as failure:
        lifecycle.start(desk.account, prepared, heard.append)
    assert failure.value.exit_code == 3
    assert any("AccessDenied" in line for line in heard)


def test_without_pulumi_nothing_starts(ground: Ground, prepared: lifecycle.Prepared) -> None:
    with pytest.raises(ToolMissing, match="pulumi is not on PATH") as missing:
        lifecycle.start(ground.account, prepared, lambda line: None)
    assert missing.value.exit_code == 3


def test_without_its_environment_it_says_how_to_install(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match="make ephemeral"):
        python.run(tmp_path, lifecycle.RECORD, given="", variables={})
