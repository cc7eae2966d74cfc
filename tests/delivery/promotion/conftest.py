"""A repository with dev and prod, their buckets in an S3 of moto, and releases signed by a key that both trust."""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from mypy_boto3_s3 import S3Client
from securesystemslib.signer import CryptoSigner

from delivery.envelope import public_key_document
from delivery.ledger import Ledger, Record
from delivery.pin import pin_path
from delivery.promotion import Place
from delivery.release import bundle, signing
from delivery.release.bundle import Release
from delivery.release.store import ReleaseStore
from generator.names import Names
from generator.spec import load_environment
from tests.delivery.conftest import client

ENVIRONMENTS = ("dev", "prod")
PROVENANCE = signing.Provenance("c" * 40, "jenkins/main/7", "2026-11-20T05:00:00+00:00")
_worlds = itertools.count(1)


@dataclass
class World:
    """Everything that a promotion touches.

    Attributes:
        root: the checkout.
        remote: the bare repository that it was cloned from.
        s3: one client for both environments; a session for each would take most of the tests' time.
    """

    root: Path
    remote: Path
    s3: S3Client
    signer: CryptoSigner
    _minutes: Iterator[int] = field(default_factory=itertools.count)

    def place(self, environment: str) -> Place:
        spec = load_environment(self.root, environment)
        names = Names(spec)
        return Place(
            spec, Ledger(self.s3, names.bucket("ledger"), environment), ReleaseStore(self.s3, names.bucket("releases"))
        )

    def build(self, **content: str) -> Release:
        """Return a release of both environments; `content` is {"path with __ for /": text}."""
        files = {f"environments/{name}/rendered/{stack}/terraform/main.tf": "" for name, stack in STACKS}
        return Release({path: text.encode() for path, text in {**files, **_paths(content)}.items()}, {"terraform": "1"})

    def publish(self, release: Release, environment: str = "dev", signer: CryptoSigner | None = None) -> str:
        envelope = signing.sign(release, PROVENANCE, signer or self.signer)
        return self.place(environment).store.publish(bundle.write(release, self.root.parent / "dist"), envelope)

    def record(self, environment: str, *events: str, release: str) -> None:
        """Append events about a release to an environment's ledger."""
        ledger = self.place(environment).ledger
        for event in events:
            at = f"2026-11-20T06:{next(self._minutes):02}:00+00:00"
            plans = {f"{environment}/platform": "1" * 64} if event == "deployed" else {}
            ledger.append(Record(event, release, "jenkins/deploy/7", at, plans), ledger.history())

    def pin(self, environment: str) -> str:
        path = self.root / pin_path(environment)
        return path.read_text() if path.exists() else ""

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        done = subprocess.run(["git", *arguments], cwd=folder or self.root, capture_output=True, text=True, check=True)
        return done.stdout.strip()


STACKS = (("dev", "platform"), ("dev", "annuity"), ("dev", "trial"), ("prod", "platform"), ("prod", "annuity"))


def _paths(content: dict[str, str]) -> dict[str, str]:
    return {name.replace("__", "/"): text for name, text in content.items()}


@pytest.fixture
def world(s3: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    for name, value in s3.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    (tmp_path / "gitconfig").write_text("[user]\nname = Jenkins\nemail = jenkins@meridian.example\n")
    root, remote = tmp_path / "checkout", tmp_path / "remote.git"
    signer = CryptoSigner(Ed25519PrivateKey.generate())
    made = World(root, remote, client(s3), signer)
    _write_tree(root, signer, organisation=f"m{next(_worlds)}")
    made.git("init", "--quiet", "--bare", "--initial-branch=main", str(remote), folder=tmp_path)
    made.git("init", "--quiet", "--initial-branch=main")
    made.git("add", ".")
    made.git("commit", "--quiet", "--message", "everything")
    made.git("remote", "add", "origin", str(remote))
    made.git("push", "--quiet", "--set-upstream", "origin", "main")
    for environment in ENVIRONMENTS:
        for bucket in ("ledger", "releases"):
            made.s3.create_bucket(Bucket=Names(made.place(environment).spec).bucket(bucket))
    return made


def _write_tree(root: Path, signer: CryptoSigner, organisation: str) -> None:
    for environment in ENVIRONMENTS:
        folder = root / "environments" / environment
        (folder / "trusted").mkdir(parents=True)
        text = Path("environments", environment, "environment.yaml").read_text()
        (folder / "environment.yaml").write_text(
            text.replace("organisation: meridian", f"organisation: {organisation}")
        )
        (folder / "trusted" / "release.json").write_text(json.dumps(public_key_document(signer)))
    (root / "environments/dev/release.yaml").write_text("follows: main\n")


@pytest.fixture
def verified(world: World) -> Callable[..., str]:
    """Return a function that publishes a release in an environment, which deploys and verifies it; gives its digest."""

    def make(environment: str = "dev", **content: str) -> str:
        digest = world.publish(world.build(**content), environment)
        world.record(environment, "started", "deployed", "verified", release=digest)
        return digest

    return make
