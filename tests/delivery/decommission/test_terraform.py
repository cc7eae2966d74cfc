"""A tenant made by real Terraform and AWS provider in the local cloud; its end is killed on the way, then repeated."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bench.slim_release import make, publish
from bench.slim_tenant import render_slim
from delivery import aws
from delivery.tagged import Clients, tagged
from delivery.workspace import StackId
from generator.model import EnvironmentSpec
from generator.names import Names
from sandbox import lifecycle
from tests.delivery.decommission.conftest import REPOSITORY

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox]
TENANT = "slim"
RAW_EXPIRED = "100"
PATIENCE_SECONDS = 300
SLOW = """
resource "terraform_data" "slow" {
  input      = "%s"
  depends_on = [aws_iam_role.job, aws_iam_policy.boundary, aws_ssm_parameter.this, aws_cloudwatch_log_group.this]

  provisioner "local-exec" {
    when    = destroy
    command = "test -f ${self.input} || sleep 60"
  }
}
"""
"""Goes first, and takes its time until a file is there: what it depends on is left when Terraform is killed."""


@dataclass(frozen=True)
class Ground:
    """A checkout that holds the tenant no more, and the cloud that does."""

    checkout: Path
    names: Names
    variables: dict[str, str]
    clients: Clients

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.delivery.decommission.once", str(self.checkout), TENANT, *arguments],
            cwd=REPOSITORY,
            env=self.variables,
            stdout=subprocess.PIPE,
            text=True,
        )

    def lock(self) -> str:
        """Return the id of the lock that the killed Terraform has left."""
        bucket = self.names.platform.bucket("tfstate")
        held = self.clients("s3").get_object(Bucket=bucket, Key=f"{TENANT}/terraform.tfstate.tflock")
        return str(json.loads(held["Body"].read())["ID"])

    def finish(self, *arguments: str) -> tuple[int, str]:
        process = self.begin(*arguments)
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode, said


@pytest.fixture(scope="module")
def ground(prod: EnvironmentSpec, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("decommission")
    box = lifecycle.up(folder / "cloud")
    try:
        box.bootstrap({"prod": prod.account_id}, prod.organisation)
        host = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        variables = {**host, **box.terraform_environment()}
        clients = cache(lambda service: aws.client(service, prod, variables))
        checkout = folder / "checkout"
        (checkout / "environments" / "prod").mkdir(parents=True)
        shutil.copy(REPOSITORY / "environments/prod/environment.yaml", checkout / "environments/prod")
        render_slim(folder / "tree", prod, TENANT, ["landing", "raw"], ["landing"])
        slow = folder / "tree" / StackId("prod", TENANT).rendered / "terraform" / "slow.tf"
        slow.write_text(SLOW.replace("%s", str(checkout / "proceed")))
        publish(folder / "tree", checkout, prod, clients)
        make(folder / "tree", StackId("prod", TENANT), variables)
        names = Names(prod, TENANT)
        for zone in ("landing", "raw"):
            clients("s3").put_object(Bucket=names.bucket(zone), Key="data.csv", Body=b"policy_id\n")
        yield Ground(checkout, names, variables, clients)
    finally:
        lifecycle.down(folder / "cloud")


def test_killed_in_the_middle_of_the_destruction_and_repeated(ground: Ground) -> None:
    process = ground.begin(RAW_EXPIRED)
    try:
        _wait_until_destroying(ground, process)
        killed = _children(process.pid)
    finally:
        _kill(process)
    assert killed, "Terraform was not running when it was to be killed"
    left = {item.type for item in tagged(ground.clients, ground.names)}
    assert {"iam:role", "iam:policy", "ssm:parameter", "logs:log-group"} <= left
    (ground.checkout / "proceed").touch()

    code, said = ground.finish(RAW_EXPIRED, ground.lock())
    assert code == 0
    evidence: dict[str, Any] = json.loads(said)

    found = {item.arn: item for item in tagged(ground.clients, ground.names)}
    kept = {item["arn"] for item in evidence["kept"]}
    ending = {item["arn"] for item in evidence["ending"]}
    assert set(found) == kept | ending
    assert sorted(found[arn].type for arn in kept) == ["kms:alias", "kms:key", "s3:bucket"]
    assert [found[arn].type for arn in ending] == ["secretsmanager:secret"]
    assert f"arn:aws:s3:::{ground.names.bucket('landing')}" in kept
    landed = ground.clients("s3").get_object(Bucket=ground.names.bucket("landing"), Key="data.csv")
    assert landed["Body"].read() == b"policy_id\n"


def _wait_until_destroying(ground: Ground, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    logs = ground.checkout / ".sluice"
    while not any("terraform_data.slow" in log.read_text() for log in logs.rglob("apply.log")):
        assert process.poll() is None, "it ended by itself"
        assert time.monotonic() < deadline, "nothing was destroyed"
        time.sleep(0.05)


def _kill(process: subprocess.Popen[str]) -> None:
    """Kill a decommission and its Terraform, which leads a process group of its own: the providers die with it."""
    children = _children(process.pid)
    process.kill()
    for child in children:
        os.killpg(child, signal.SIGKILL)
    process.communicate()


def _children(pid: int) -> list[int]:
    listed = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout
    return [int(line) for line in listed.split()]
