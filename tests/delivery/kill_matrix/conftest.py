"""A checkout with dev and prod, each a platform and a tenant of terraform_data, and all that a deploy asks for."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from securesystemslib.signer import CryptoSigner

from delivery import aws
from delivery.envelope import public_key_document
from delivery.ledger import Record, ledger_of
from delivery.pin import Pin, read_pin
from delivery.release import bundle
from generator.names import Names
from generator.spec import load_environment
from tests.delivery.conftest import BUCKET, client
from tests.delivery.kill_matrix import killer, warm
from tests.delivery.kill_matrix.killer import REPOSITORY, Kill

ENVIRONMENTS = ("dev", "prod")
STACKS = ("platform", "annuity")
APPROVER = "head-of-data@meridian.example"
ROOT_TF = """
variable "seconds" { type = number }
variable "version_" { type = string }
resource "terraform_data" "first" {
  input = var.version_
}
resource "terraform_data" "slow" {
  input            = terraform_data.first.output
  triggers_replace = var.version_
  provisioner "local-exec" {
    command = "sleep ${var.seconds}"
  }
}
"""
LIMIT_SECONDS = 120
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(
    [killer.__name__, warm.__name__, "sluice.cli", "sluice.commands.deploy", "sluice.commands.promote"]
)


@dataclass
class World:
    """Everything that a deploy touches.

    Attributes:
        root: the checkout.
        variables: of every process that is started.
    """

    root: Path
    variables: dict[str, str]
    _runs: Iterator[int] = field(default_factory=count)

    @property
    def sign(self) -> tuple[str, ...]:
        return "release", "sign", "--key", f"file:{self.root.parent / 'release.pem'}"

    @property
    def approve(self) -> tuple[str, ...]:
        return "approve", "--env", "prod", "--by", APPROVER, "--key", f"file:{self.root.parent / 'approval.pem'}"

    def sluice(self, *arguments: str, kill: Kill | None = None) -> tuple[int, str]:
        """Run a verb, killed at `kill`; return its exit code, minus the signal's number, and what it said."""
        output = self.root.parent / f"output-{next(self._runs)}"
        task = (list(arguments), str(self.root), self.variables, kill, str(output))
        process = _processes.Process(target=killer.run, args=task)
        process.start()
        process.join(LIMIT_SECONDS)
        assert process.exitcode is not None, f"{arguments} has not ended: {output.read_text()}"
        return process.exitcode, output.read_text()

    def killed(self, kill: Kill, *arguments: str) -> None:
        """Run a verb that is killed, and look whether what it left can be relied on."""
        code, said = self.sluice(*arguments, kill=kill)
        assert code == -signal.SIGKILL, f"was not killed {kill}: {said}"
        self.assert_whole()

    def ends(self, *arguments: str, code: int = 0) -> str:
        """Run a verb to its end and return what it said."""
        found, said = self.sluice(*arguments)
        assert found == code, said
        return said

    def history(self, environment: str) -> list[Record]:
        """Return the ledger; reading it checks its chain link by link."""
        return ledger_of(load_environment(self.root, environment), self.variables).history()

    def events(self, environment: str) -> list[str]:
        return [record.event for record in self.history(environment)]

    def pin(self, environment: str) -> Pin:
        return read_pin(self.root, environment)

    def assert_whole(self) -> None:
        """Every ledger's chain holds, every pin says one thing, every file under its final name is whole."""
        for environment in ENVIRONMENTS:
            self.history(environment)
            self.pin(environment)
        for path in (*self.root.glob("dist/*.tar.gz"), *self.root.glob(".sluice/releases/*/*.tar.gz")):
            bundle.read(path)
        for path in (*self.root.glob("dist/*.json"), *self.root.glob(".sluice/deploy/**/*.json")):
            json.loads(path.read_text())

    def change(self, version: str, seconds: float = 0, stacks: tuple[str, ...] = STACKS) -> None:
        """Commit a change of every stack, or of `stacks`; `seconds` is how long the apply of one lasts."""
        for environment in ENVIRONMENTS:
            for stack in stacks:
                values = {"version_": version, "seconds": seconds}
                path = self.root / "environments" / environment / "rendered" / stack / "terraform/terraform.tfvars.json"
                path.write_text(json.dumps(values))
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", f"version {version}")

    def publish(self, environment: str = "dev") -> str:
        """Build, sign and publish a release of the checkout; return its digest."""
        self.ends("release", "build")
        self.ends(*self.sign)
        self.ends("release", "publish", "--env", environment)
        return str(json.loads((self.root / "dist/release.json").read_text())["digest"])

    def git(self, *arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=self.root, env=self.variables, capture_output=True, text=True, check=True
        ).stdout.strip()


@pytest.fixture(scope="module")
def world(s3: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> World:
    """One a file: what a test leaves is where the next begins, as in life."""
    folder = tmp_path_factory.mktemp("world")
    (folder / "gitconfig").write_text("[user]\nname = Dev\nemail = developer@meridian.example\n")
    variables = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    made = World(
        folder / "checkout", {**variables, **s3, "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"), "USER": "jenkins"}
    )
    _write_tree(made.root, folder.name)
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", folder / "remote.git"], check=True)
    made.git("init", "--quiet", "--initial-branch=main")
    made.git("remote", "add", "origin", str(folder / "remote.git"))
    made.change("one")
    made.git("push", "--quiet", "--set-upstream", "origin", "main")
    for environment in ENVIRONMENTS:
        spec = load_environment(made.root, environment)
        for bucket in ("ledger", "releases"):
            aws.client("s3", spec, s3).create_bucket(Bucket=Names(spec).bucket(bucket))
    return made


def _write_tree(root: Path, name: str) -> None:
    keys = {purpose: Ed25519PrivateKey.generate() for purpose in ("release", "approval")}
    for environment in ENVIRONMENTS:
        folder = root / "environments" / environment
        (folder / "trusted").mkdir(parents=True)
        text = (REPOSITORY / folder.relative_to(root) / "environment.yaml").read_text()
        (folder / "environment.yaml").write_text(text.replace("organisation: meridian", f"organisation: {name}"))
        for purpose, key in keys.items():
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            (root.parent / f"{purpose}.pem").write_bytes(pem)
            document = public_key_document(CryptoSigner(key))
            (folder / "trusted" / f"{purpose}.json").write_text(json.dumps(document))
        for stack in STACKS:
            _write_stack(folder / "rendered" / stack / "terraform", f"{name}/{environment}/{stack}.tfstate")
    (root / "environments/dev/release.yaml").write_text("follows: main\n")
    (root / ".gitignore").write_text(".sluice/\ndist/\n")
    for package in ("runtime", "annuity"):
        (root / "spark_jobs" / package).mkdir(parents=True)
    (root / "spark_jobs/__init__.py").touch()
    shutil.copytree(REPOSITORY / "policies", root / "policies", ignore=lambda _, names: set(names) - {"controls.yaml"})


def _write_stack(folder: Path, key: str) -> None:
    folder.mkdir(parents=True)
    (folder / "main.tf").write_text(ROOT_TF)
    (folder / ".terraform.lock.hcl").write_text("")
    backend = {"bucket": BUCKET, "key": key, "region": "us-east-1", "use_lockfile": True}
    (folder / "backend.tf.json").write_text(json.dumps({"terraform": {"backend": {"s3": backend}}}))


def locks(world: World) -> list[str]:
    """Return the state locks that are held."""
    found = client(world.variables).list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return [item["Key"] for item in found if item["Key"].endswith(".tflock")]
