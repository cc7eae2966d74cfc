"""Slim tenants as a release that an environment has deployed: signed, published, applied, in the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from delivery import plan as plans
from delivery.envelope import public_key_document, signer_of
from delivery.ledger import Ledger, Record
from delivery.release import bundle, contents, signing
from delivery.release.bundle import Release
from delivery.release.store import ReleaseStore
from delivery.supervision import Interruption
from delivery.tagged import Clients
from delivery.workspace import StackId
from generator.model import EnvironmentSpec
from generator.names import Names


class NoAirflow:
    """An Airflow that knows no DAG: slim tenants have none, and no platform to run one."""

    def pause(self, dag_id: str) -> None:
        """Nothing to pause."""

    def active_runs(self, dag_id: str) -> list[str]:
        """Return no run."""
        return []


class Silence:
    """A watcher who tells nobody."""

    def planning(self, stack: StackId) -> None: ...

    def planned(self, stack: StackId, text: str, *, counts: Mapping[str, int] | None = None) -> None: ...

    def applying(self, stack: StackId, changes: int) -> None: ...

    def applied(self, stack: StackId, text: str, *, counts: Mapping[str, int] | None = None) -> None: ...

    def __call__(self, stack: StackId, event: dict[str, Any]) -> None: ...


def publish(root: Path, checkout: Path, spec: EnvironmentSpec, clients: Clients) -> str:
    """Publish the tree at `root` as a signed release that the environment runs; return its digest.

    Args:
        checkout: gets the public key that the environment trusts.
    """
    key = checkout / "release_key.pem"
    made = Ed25519PrivateKey.generate()
    key.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    signer = signer_of(f"file:{key}")
    trusted = checkout / "environments" / spec.environment / "trusted"
    trusted.mkdir(parents=True, exist_ok=True)
    (trusted / "release.json").write_text(json.dumps(public_key_document(signer)))

    files = contents.release_files(root)
    release = Release(files, contents.tool_versions(files))
    at = datetime.now(UTC).isoformat(timespec="seconds")
    envelope = signing.sign(release, signing.Provenance("0" * 40, "bench", at), signer)
    platform = Names(spec)
    ReleaseStore(clients("s3"), platform.bucket("releases")).publish(bundle.write(release, checkout / "dist"), envelope)
    ledger = Ledger(clients("s3"), platform.bucket("ledger"), spec.environment)
    plans = {stack: release.digest for stack in release.stacks}
    ledger.append(Record("deployed", release.digest, "bench", at, plans), ledger.history())
    return release.digest


def make(root: Path, stack: StackId, variables: Mapping[str, str]) -> dict[str, Any]:
    """Apply one stack of the tree at `root` and return what Terraform counts."""
    interruption = Interruption()
    planned = plans.plan(root, stack, interruption, variables)
    return dict(plans.apply(root, planned, interruption, variables))
