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

from sandbox import lifecycle
from sandbox.aws.accounts import Door
from sandbox.lifecycle import Sandbox

REPOSITORY = Path(__file__).parents[3]
DEV = "111111111111"
RENDERED = Path("environments/dev/rendered")
TAGS = {"env": "dev", "tenant": "annuity", "managed-by": "terraform", "owner": "annuity-data@meridian.example"}
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
        output, _ = process.communicate(timeout=120)
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
    folder = root / RENDERED / "annuity/terraform"
    folder.mkdir(parents=True)
    (root / RENDERED / "platform/terraform").mkdir(parents=True)
    (root / "spark_jobs/runtime").mkdir(parents=True)
    (root / "spark_jobs/__init__.py").touch()
    shutil.copy(REPOSITORY / "environments/dev/environment.yaml", root / "environments/dev")
    shutil.copy(REPOSITORY / RENDERED / "annuity/terraform/.terraform.lock.hcl", folder)
    shutil.copy(Path(__file__).parent / "root/main.tf", folder)
    values = {"tags": TAGS, "reached": str(root / "reached"), "go": str(root / "go")}
    (folder / "terraform.tfvars.json").write_text(json.dumps(values))
    role = {"role_arn": f"arn:aws:iam::{DEV}:role/sluice-deploy"}
    backend = {**STATE, "region": "us-east-1", "use_lockfile": True, "assume_role": role}
    (folder / "backend.tf.json").write_text(json.dumps({"terraform": {"backend": {"s3": backend}}}))
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
    deadline = time.monotonic() + 60
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
