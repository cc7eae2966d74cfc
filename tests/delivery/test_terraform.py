"""Finding Terraform and telling its failures."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from delivery import plan as planning
from delivery import terraform
from delivery.errors import StateLocked, TerraformFailed
from delivery.mirror import cli_configuration, find_mirror, terraform_environment
from delivery.supervision import Interruption
from delivery.workspace import StackId
from tests.delivery.conftest import MakeStack

LOCKED = """Error acquiring the state lock
Error message: operation error S3: PutObject, https response error StatusCode: 412
Lock Info:
  ID:        3b7e5a8c-0000-0000-0000-000000000000
  Path:      state/dev/platform.tfstate
  Operation: OperationTypeApply
  Who:       jo@build-7
  Version:   1.11.4
  Created:   2026-11-23 02:00:00.123 +0000 UTC
"""


def outcome(summary: str, detail: str = "") -> terraform.Outcome:
    diagnostic = {"severity": "error", "summary": summary, "detail": detail}
    return terraform.Outcome(1, [{"type": "diagnostic", "diagnostic": diagnostic}])


def test_locked_state_names_the_holder() -> None:
    error = terraform.failure("dev/platform", "apply", outcome("Error acquiring the state lock", LOCKED))
    assert isinstance(error, StateLocked)
    assert (error.who, error.operation) == ("jo@build-7", "OperationTypeApply")
    assert error.lock_id == "3b7e5a8c-0000-0000-0000-000000000000"
    assert error.created == "2026-11-23 02:00:00.123 +0000 UTC"


def test_other_failures_keep_terraforms_words() -> None:
    error = terraform.failure("dev/platform", "plan", outcome("Unsupported argument", "no such argument"))
    assert isinstance(error, TerraformFailed)
    assert "Unsupported argument" in str(error)
    assert error.exit_code == 3


def test_without_credentials_it_says_where_they_come_from() -> None:
    said = "Initializing modules...\n- key in ../modules/key\n\nError: No valid credential sources found\n"
    error = terraform.failure("dev/platform", "init", terraform.Outcome(1, [], said))
    assert "fix:      on a laptop: eval" in str(error)
    assert "Initializing modules" not in str(error)


def test_named_terraform_wins() -> None:
    assert terraform.find_terraform({"SLUICE_TERRAFORM": "/x/terraform", "PATH": ""}) == ["/x/terraform"]


def test_a_binary_of_either_name_is_taken_and_terraform_first(tmp_path: Path) -> None:
    on_path = {"PATH": str(tmp_path)}
    for name in ("tofu", "terraform"):
        (tmp_path / name).touch(mode=0o755)
        assert terraform.find_terraform(on_path) == [str(tmp_path / name)]


@pytest.mark.terraform
def test_plan_is_a_value_and_a_changed_plan_file_is_refused(repository: MakeStack, s3: dict[str, str]) -> None:
    root = repository("dev", "platform")
    variables = {"PATH": os.environ["PATH"], **s3}
    planned = planning.plan(root, StackId("dev", "platform"), Interruption(), variables)
    assert [(change.address, change.action) for change in planned.changes] == [
        ("terraform_data.first", "create"),
        ("terraform_data.slow", "create"),
    ]
    file = planned.folder / planning.PLAN_FILE
    shown = file.read_bytes()
    file.write_bytes(shown + b" ")
    with pytest.raises(planning.PlanChanged):
        planning.apply(root, planned, Interruption(), variables)
    file.write_bytes(shown)
    assert planning.apply(root, planned, Interruption(), variables)["add"] == 2
    assert planning.plan(root, StackId("dev", "platform"), Interruption(), variables).is_empty


def mirror(folder: Path) -> Path:
    (folder / "registry.terraform.io" / "hashicorp" / "aws" / "5.100.0").mkdir(parents=True)
    return folder


def test_mirror_serves_what_it_holds_and_the_registry_the_rest(tmp_path: Path) -> None:
    found = find_mirror({"SLUICE_PROVIDER_MIRROR": str(mirror(tmp_path))})
    text = cli_configuration(found)
    assert text.count('"registry.terraform.io/hashicorp/aws"') == 2
    assert f'path    = "{tmp_path}"' in text


def test_stacks_that_begin_together_in_a_fresh_checkout_write_one_configuration(tmp_path: Path) -> None:
    begin = Barrier(8)

    def write(number: int) -> str:
        folder = tmp_path / str(number)
        begin.wait()
        return terraform_environment(folder, {})["TF_CLI_CONFIG_FILE"]

    with ThreadPoolExecutor(8) as pool:
        for attempt in range(20):
            written = set(pool.map(write, [attempt] * 8))
            assert [Path(path).name for path in written] == ["terraform.rc"]
            assert [path.name for path in (tmp_path / str(attempt)).iterdir()] == ["terraform.rc"]


def test_mirror_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="SLUICE_PROVIDER_MIRROR"):
        find_mirror({"SLUICE_PROVIDER_MIRROR": str(tmp_path)})


def test_users_own_configuration_stays_in_force(tmp_path: Path) -> None:
    own = tmp_path / "own.rc"
    own.touch()
    assert "TF_CLI_CONFIG_FILE" not in terraform_environment(tmp_path, {"TF_CLI_CONFIG_FILE": str(own)})
    missing = {"TF_CLI_CONFIG_FILE": str(tmp_path / "gone.rc"), "SLUICE_PROVIDER_MIRROR": str(mirror(tmp_path))}
    assert terraform_environment(tmp_path / "cache", missing)["TF_CLI_CONFIG_FILE"].endswith("cache/terraform.rc")


def test_settings_of_gos_collector_are_the_users_where_there_are_any(tmp_path: Path) -> None:
    assert terraform_environment(tmp_path, {})["GOMEMLIMIT"] == "1GiB"
    assert not {"GOGC", "GOMEMLIMIT"} & terraform_environment(tmp_path, {"GOGC": "50"}).keys()
