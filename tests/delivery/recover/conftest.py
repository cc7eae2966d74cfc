"""One tenant's stack of real AWS resources in a local cloud, and an apply of it that was killed with SIGKILL."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.slim_tenant import render_slim
from generator.spec import load_environment
from sandbox import lifecycle
from sandbox.aws.accounts import Door
from sandbox.lifecycle import Sandbox

REPOSITORY = Path(__file__).parents[3]
DEV = "111111111111"
RENDERED = Path("environments/dev/rendered")
SLOW = """\
variable "reached" {}
variable "go" {}

# Where the apply is killed: everything else is made, and Terraform has not written its state yet.
resource "terraform_data" "slow" {
  depends_on = [
    module.key, aws_cloudwatch_log_group.this, aws_glue_catalog_database.this, aws_iam_policy.boundary,
    aws_iam_role_policy.data, aws_s3_bucket_public_access_block.zone, aws_s3_bucket_versioning.zone,
    aws_secretsmanager_secret.this, aws_ssm_parameter.this
  ]

  provisioner "local-exec" {
    command = "touch ${var.reached}; while ! [ -e ${var.go} ]; do sleep 0.1; done"
  }
}

resource "aws_ssm_parameter" "late" {
  name           = "${var.parameter_prefix}/late"
  type           = "String"
  insecure_value = terraform_data.slow.id
}
"""
STATE = {"bucket": "meridian-dev-platform-tfstate", "key": "annuity/terraform.tfstate"}


@dataclass(frozen=True)
class Ground:
    """A repository with one stack, and the local cloud that its states and resources are in."""

    root: Path
    running: Sandbox

    def client(self, service: str) -> Any:
        return Door(self.running.endpoint).client(service, DEV)

    def start(self, module: str, *arguments: str) -> subprocess.Popen[str]:
        variables = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=self.root,
            env={**variables, **self.running.terraform_environment(), "PYTHONPATH": str(REPOSITORY)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def sluice(self, *arguments: str) -> tuple[int, str]:
        """Run a verb to its end; return its exit code and what it said. The gate has nothing to judge here."""
        process = self.start("tests.delivery.ungated", *arguments)
        output, _ = process.communicate(timeout=300)
        return process.returncode, output

    def recover(self, *options: str) -> tuple[int, str]:
        return self.sluice("recover", "--env", "dev", "--stack", "annuity", *options)

    def lock(self) -> dict[str, str] | None:
        s3 = self.client("s3")
        try:
            body = s3.get_object(Bucket=STATE["bucket"], Key=f"{STATE['key']}.tflock")["Body"].read()
        except s3.exceptions.NoSuchKey:
            return None
        return dict(json.loads(body))


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    root = tmp_path_factory.mktemp("repository")
    (root / RENDERED / "platform/terraform").mkdir(parents=True)
    shutil.copy(REPOSITORY / "environments/dev/environment.yaml", root / "environments/dev")
    render_slim(root, load_environment(root, "dev"), "annuity", ["raw"])
    folder = root / RENDERED / "annuity/terraform"
    (folder / "slow.tf").write_text(SLOW)
    values = json.loads((folder / "terraform.tfvars.json").read_text())
    values |= {"reached": str(root / "reached"), "go": str(root / "go")}
    (folder / "terraform.tfvars.json").write_text(json.dumps(values))
    state = root / "sandbox"
    try:
        running = lifecycle.up(state)
        running.bootstrap({"dev": DEV}, "meridian")
        yield Ground(root, running)
    finally:
        lifecycle.down(state)


@pytest.fixture(scope="module")
def killed(ground: Ground) -> Ground:
    """The ground after an apply was killed that had made everything but what comes last."""
    process = ground.start("tests.delivery.ungated", "apply", "--env", "dev", "--stack", "annuity", "--yes")
    deadline = time.monotonic() + 240
    while not (ground.root / "reached").exists():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "the apply did not come to its slow resource"
        time.sleep(0.1)
    children = [int(pid) for pid in subprocess.check_output(["pgrep", "-P", str(process.pid)], text=True).split()]
    for pid in (process.pid, *children):
        os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=30)
    (ground.root / "go").touch()  # nothing waits there from now on
    for group in children:  # each Terraform leads one; its shell and its provider have outlived it
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    return ground
