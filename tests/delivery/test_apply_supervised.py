"""Interrupting an apply, and two at once: real Terraform, real locks, real signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.delivery.conftest import BUCKET, MakeStack, client

pytestmark = pytest.mark.terraform
REPOSITORY = Path(__file__).parents[2]
INTERRUPTED = 130
TOOL_FAILED = 3


def sluice(root: Path, s3: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    variables = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.delivery.ungated", *arguments],
        cwd=root,
        env={**variables, **s3, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def state(root: Path, s3: dict[str, str]) -> dict[str, Any]:
    body = client(s3).get_object(Bucket=BUCKET, Key=f"{root.name}/dev/platform.tfstate")["Body"].read()
    return dict(json.loads(body))


def keys(root: Path, s3: dict[str, str]) -> list[str]:
    found = client(s3).list_objects_v2(Bucket=BUCKET, Prefix=root.name).get("Contents", [])
    return [item["Key"] for item in found]


def wait_for_lock(root: Path, s3: dict[str, str]) -> None:
    deadline = time.monotonic() + 60
    while not applying(root) or not any(key.endswith(".tflock") for key in keys(root, s3)):
        assert time.monotonic() < deadline, "the apply took no lock"
        time.sleep(0.2)


def applying(root: Path) -> bool:
    return any((root / ".sluice/run/dev/platform").rglob("plan.tfplan"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_apply_keeps_what_was_made_and_the_next_one_finishes(
    repository: MakeStack, s3: dict[str, str], number: signal.Signals
) -> None:
    root = repository("dev", "platform", seconds=6)
    process = sluice(root, s3, "apply", "--env", "dev", "--yes")
    wait_for_lock(root, s3)
    time.sleep(2)
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)

    assert process.returncode == INTERRUPTED, output
    assert "run the same command again" in output
    made = [resource["name"] for resource in state(root, s3)["resources"]]
    assert "first" in made
    assert not [key for key in keys(root, s3) if key.endswith(".tflock")], "the lock was not released"

    (root / "environments/dev/rendered/platform/terraform/terraform.tfvars.json").write_text("{}")
    again = sluice(root, s3, "apply", "--env", "dev", "--yes")
    output, _ = again.communicate(timeout=60)
    assert again.returncode == 0, output
    assert sorted(resource["name"] for resource in state(root, s3)["resources"]) == ["first", "slow"]


def test_second_apply_is_refused_with_who_holds_the_lock(repository: MakeStack, s3: dict[str, str]) -> None:
    root = repository("dev", "platform", seconds=8)
    first = sluice(root, s3, "apply", "--env", "dev", "--yes")
    wait_for_lock(root, s3)
    time.sleep(1)
    second_root = root / "elsewhere"  # a colleague's checkout: the same state, another run folder
    second_root.mkdir()
    for name in ("environments", "spark_jobs"):
        (second_root / name).symlink_to(root / name)
    second = sluice(second_root, s3, "apply", "--env", "dev", "--yes")
    refused, _ = second.communicate(timeout=60)
    finished, _ = first.communicate(timeout=60)

    assert second.returncode == TOOL_FAILED, refused
    assert "dev/platform: the state is locked by" in refused
    assert "OperationTypeApply" in refused
    assert "sluice recover --env dev --stack platform --unlock" in refused
    assert first.returncode == 0, finished


def test_no_terraform_process_is_left(repository: MakeStack, s3: dict[str, str]) -> None:
    root = repository("dev", "platform", seconds=30)
    process = sluice(root, s3, "apply", "--env", "dev", "--yes")
    wait_for_lock(root, s3)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    left = subprocess.run(["pgrep", "-f", str(root)], capture_output=True, text=True, check=False).stdout
    assert left == ""
