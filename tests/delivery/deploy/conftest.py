"""A checkout with dev and prod of terraform_data, releases with real evidence, and everything in an S3 of moto."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mypy_boto3_s3 import S3Client
from securesystemslib.signer import CryptoSigner, Signer

from delivery.approval import Approval, sealed
from delivery.approval_store import ApprovalStore, Request
from delivery.deploy.place import Hands, Place
from delivery.deploy.run import Outcome, deploy
from delivery.deploy.standing_plans import StandingPlans
from delivery.envelope import public_key_document
from delivery.ledger import Ledger
from delivery.pin import write_pin
from delivery.plan_reading import ReadPlan
from delivery.release import bundle, signing
from delivery.release.bundle import Release
from delivery.release.contents import release_files
from delivery.release.store import ReleaseStore
from delivery.smoke import SmokeResult, SmokeRun
from delivery.workspace import StackId
from generator.model import EnvironmentSpec
from generator.names import Names
from generator.spec import load_environment
from policies.controls import load_register
from policies.report import evidence
from policies.result import GateResult
from policies.verdict import Judgement, Subject, Verdict
from tests.delivery.conftest import BUCKET, client

REPOSITORY = Path(__file__).parents[3]
APPROVER, AUTHOR = "head-of-data@meridian.example", "release-manager@meridian.example"
PLATFORM_TF = """
variable "version_" { type = string }
resource "terraform_data" "this" { input = var.version_ }
output "network" { value = "one" }
"""
TENANT_TF = """
variable "version_" { type = string }
data "terraform_remote_state" "platform" {
  backend = "s3"
  config  = %s
}
resource "terraform_data" "this" {
  input = "${var.version_} in ${data.terraform_remote_state.platform.outputs.network}"
}
"""
BROKEN_TF = """
resource "terraform_data" "this" {
  triggers_replace = "two"
  provisioner "local-exec" { command = "exit 3" }
}
output "network" { value = "one" }
"""
_worlds = itertools.count(1)


class Silent:
    """Watches a deploy and keeps what it was told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def planning(self, stack: StackId) -> None:
        self.said.append(f"plan {stack}")

    def planned(self, stack: StackId, text: str, *, counts: Mapping[str, int] | None = None) -> None:
        self.said.append(f"{stack} {text}")

    def applying(self, stack: StackId, changes: int) -> None:
        self.said.append(f"apply {stack}")

    def applied(self, stack: StackId, text: str, *, counts: Mapping[str, int] | None = None) -> None: ...

    def __call__(self, stack: StackId, event: dict[str, Any]) -> None: ...


@dataclass
class World:
    """Everything that a deploy touches.

    Attributes:
        watcher, judged, beside, smoked: what the last deploy told, had judged, had seen beside that, and had run.
        state: how a smoke run ends.
        now: the clock.
    """

    root: Path
    variables: dict[str, str]
    s3: S3Client
    release_key: CryptoSigner = field(default_factory=CryptoSigner.generate_ed25519)
    approval_key: CryptoSigner = field(default_factory=CryptoSigner.generate_ed25519)
    watcher: Silent = field(default_factory=Silent)
    judged: list[list[str]] = field(default_factory=list)
    beside: list[list[str]] = field(default_factory=list)
    smoked: list[list[str]] = field(default_factory=list)
    state: str = "success"
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def place(self, environment: str) -> Place:
        spec = load_environment(self.root, environment)
        names = Names(spec)
        return Place(
            self.root,
            spec,
            self.variables,
            Ledger(self.s3, names.bucket("ledger"), environment),
            ReleaseStore(self.s3, names.bucket("releases")),
            ApprovalStore(self.s3, names.bucket("ledger"), environment),
            StandingPlans(self.s3, names.bucket("ledger"), environment),
        )

    def commit(self, message: str = "change", author: str = "dev@meridian.example") -> str:
        self.git("add", "--all")
        identity = ["-c", "user.name=Dev", "-c", f"user.email={author}"]
        self.git(*identity, "commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def version(self, version: str, environment: str = "prod") -> None:
        """Change what every stack of an environment holds."""
        for path in self.root.glob(f"environments/{environment}/rendered/*/terraform/terraform.tfvars.json"):
            path.write_text(json.dumps({"version_": version}))

    def build(self) -> Release:
        """Return a release of the checkout with evidence that the gate's own report writes."""
        files = release_files(self.root)
        return Release(files, {"terraform": "1"}, evidence_of(self.root, files))

    def publish(self, release: Release, environment: str = "prod", signer: Signer | None = None) -> str:
        """Sign a release of the commit that is checked out, put it into a store and return its digest."""
        provenance = signing.Provenance(self.git("rev-parse", "HEAD"), "jenkins/main/7", "2026-11-20T05:00:00+00:00")
        envelope = signing.sign(release, provenance, signer or self.release_key)
        return self.place(environment).store.publish(bundle.write(release, self.root.parent / "dist"), envelope)

    def pinned(self, environment: str = "prod", release: Release | None = None) -> str:
        """Publish a release of the checkout and pin it."""
        digest = self.publish(release or self.build(), environment)
        write_pin(self.root, environment, digest)
        return digest

    def deploy(
        self, environment: str = "prod", named: str = "", *, plan_only: bool = False, everything: bool = False
    ) -> Outcome:
        self.watcher, self.judged, self.beside, self.smoked = Silent(), [], [], []
        hands = Hands(
            self._gate, self._smoke, self.watcher, self.watcher.said.append, "jenkins/9", now=lambda: self.now
        )
        return deploy(self.place(environment), hands, named, plan_only=plan_only, everything=everything)

    def _gate(self, root: Path, plans: Mapping[StackId, ReadPlan], beside: Mapping[StackId, bytes]) -> None:
        assert root.is_relative_to(self.root / ".sluice/releases")
        self.judged.append(sorted(map(str, plans)))
        self.beside.append(sorted(map(str, beside)))

    def _smoke(self, spec: EnvironmentSpec, tenants: Sequence[str], root: Path) -> SmokeResult:
        self.smoked.append(list(tenants))
        return SmokeResult(tuple(SmokeRun(f"{tenant}_daily", "smoke__1", self.state, (), "why") for tenant in tenants))

    def events(self, environment: str = "prod") -> list[str]:
        return [record.event for record in self.place(environment).ledger.history()]

    def request(self) -> Request:
        return self.place("prod").approvals.request()

    def approve(self, signer: Signer | None = None, **parts: Any) -> None:
        """Keep an approval of what waits in production, given now by who may; `parts` are other values of it."""
        deploy_ = self.request().deploy
        given = {
            "environment": deploy_.environment,
            "release": deploy_.release,
            "plans": deploy_.plans,
            "authors": deploy_.authors,
            "approver": APPROVER,
            "approved_at": (self.now - timedelta(minutes=1)).isoformat(),
            "expires_at": (self.now + timedelta(hours=3)).isoformat(),
        }
        envelope = sealed(Approval(**{**given, **parts}), signer or self.approval_key)
        self.place("prod").approvals.put(envelope, deploy_)


def evidence_of(root: Path, files: Mapping[str, bytes], verdict: Verdict = Verdict.PASSED) -> dict[str, bytes]:
    """Return the evidence that a gate would write that found `verdict` on everything in `files`."""
    stacks = Release(files).stacks
    register = load_register(root / "policies/controls.yaml")
    judgements = [
        Judgement(control.id, control.id, Subject(stack.split("/")[0], stack.split("/")[1], "plan", "all"), verdict)
        for control in register
        for stack in stacks
    ]
    names = sorted(path for path in files if not path.startswith("requirements/"))
    result = GateResult(
        tuple(judgements),
        register,
        (),
        {name: bundle._sha256(files[name]) for name in names},
        datetime.now(UTC).date(),
        ("dev", "prod"),
        tuple(stacks),
    )
    return {name: text.encode() for name, text in evidence.documents(result, {"gate": "1"}).items()}


@pytest.fixture
def world(s3: dict[str, str], tmp_path: Path) -> World:
    return make_world(s3, tmp_path)


@pytest.fixture(scope="module")
def shared(s3: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> World:
    """One for a whole file: for tests that change nothing in it."""
    return make_world(s3, tmp_path_factory.mktemp("shared"))


def make_world(s3: dict[str, str], folder: Path) -> World:
    root = folder / "checkout"
    made = World(
        root, {**{key: value for key, value in os.environ.items() if not key.startswith("AWS_")}, **s3}, client(s3)
    )
    organisation = f"d{next(_worlds)}"
    for environment in ("dev", "prod"):
        _write_environment(made, environment, organisation)
    (root / "environments/dev/release.yaml").write_text("follows: main\n")
    (root / "policies").mkdir()
    for name in ("controls.yaml", "waivers.yaml"):
        shutil.copy(REPOSITORY / "policies" / name, root / "policies" / name)
    (root / ".gitignore").write_text(".sluice/\n")
    made.git("init", "--quiet", "--initial-branch=main")
    made.commit("everything")
    for environment in ("dev", "prod"):
        for bucket in ("ledger", "releases"):
            made.s3.create_bucket(Bucket=Names(made.place(environment).spec).bucket(bucket))
    return made


def _write_environment(made: World, environment: str, organisation: str) -> None:
    folder = made.root / "environments" / environment
    (folder / "trusted").mkdir(parents=True)
    text = (REPOSITORY / "environments" / environment / "environment.yaml").read_text()
    (folder / "environment.yaml").write_text(text.replace("organisation: meridian", f"organisation: {organisation}"))
    (folder / "trusted/release.json").write_text(json.dumps(public_key_document(made.release_key)))
    (folder / "trusted/approval.json").write_text(json.dumps(public_key_document(made.approval_key)))
    for stack, root_tf in (("platform", PLATFORM_TF), ("annuity", TENANT_TF % _state(organisation, environment))):
        terraform = folder / "rendered" / stack / "terraform"
        terraform.mkdir(parents=True)
        (terraform / "main.tf").write_text(root_tf)
        (terraform / "terraform.tfvars.json").write_text(json.dumps({"version_": "one"}))
        (terraform / ".terraform.lock.hcl").write_text("")
        backend = {"bucket": BUCKET, "key": f"{organisation}/{environment}/{stack}", "region": "us-east-1"}
        (terraform / "backend.tf.json").write_text(
            json.dumps({"terraform": {"backend": {"s3": {**backend, "use_lockfile": True}}}})
        )
    for name in ("runtime", "annuity"):
        (made.root / "spark_jobs" / name).mkdir(parents=True, exist_ok=True)
    (made.root / "spark_jobs" / "__init__.py").touch()


def _state(organisation: str, environment: str) -> str:
    return f'{{ bucket = "{BUCKET}", key = "{organisation}/{environment}/platform", region = "us-east-1" }}'
