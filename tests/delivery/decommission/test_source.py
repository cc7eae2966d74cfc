"""The Terraform that unmakes a tenant is of the last deployed release that held it, signed; never of the tree."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner

from delivery.decommission.source import NeverDeployed, StillInGit, fetch, refuse_wanted
from delivery.envelope import SignatureRefused
from delivery.ledger import Record
from delivery.release import bundle, signing
from delivery.release.bundle import Release
from delivery.release.store import ReleaseStore
from delivery.tagged import Clients
from delivery.workspace import StackId

CLAIMS = StackId("prod", "claims")
SIGNER = CryptoSigner(Ed25519PrivateKey.generate())
Publish = Callable[..., Record]


def release(*stacks: str, days: int = 365) -> Release:
    files = {}
    for name in ("prod/platform", *stacks):
        environment, stack = name.split("/")
        folder = f"environments/{environment}/rendered/{stack}"
        files[f"{folder}/terraform/terraform.tfvars.json"] = json.dumps({"retention_days": days}).encode()
        files[f"{folder}/dag/ingest/gl_totals.json"] = b"{}"
    return Release(files)


@pytest.fixture
def store(clients: Clients, tmp_path: Path) -> ReleaseStore:
    bucket = f"releases-{tmp_path.name.replace('_', '-')}"[:63].rstrip("-")
    clients("s3").create_bucket(Bucket=bucket)
    return ReleaseStore(clients("s3"), bucket)


@pytest.fixture
def publish(store: ReleaseStore, tmp_path: Path) -> Publish:
    def publish(made: Release, event: str = "deployed", signer: CryptoSigner = SIGNER) -> Record:
        envelope = signing.sign(made, signing.Provenance("c" * 40, "jenkins", "2026-11-23T10:00:00+00:00"), signer)
        store.publish(bundle.write(made, tmp_path / "dist"), envelope)
        return Record(event, made.digest, "jenkins", "2026-11-23T10:00:00+00:00")

    return publish


def test_the_newest_release_that_held_it(publish: Publish, store: ReleaseStore, tmp_path: Path) -> None:
    history = [
        publish(release("prod/claims", days=100)),
        publish(release("prod/claims", days=200)),
        publish(release("prod/annuity")),
    ]
    source = fetch(CLAIMS, history, store, [SIGNER.public_key], tmp_path)
    assert source.release == history[1].release
    assert source.values == {"retention_days": 200}
    assert source.pipelines == ("claims_gl_totals",)
    assert (source.root / CLAIMS.rendered / "terraform").is_dir()
    again = fetch(CLAIMS, history, store, [SIGNER.public_key], tmp_path)
    assert again == source


def test_a_deploy_that_only_began_counts_and_another_environment_s_does_not(
    publish: Publish, store: ReleaseStore, tmp_path: Path
) -> None:
    began = publish(release("prod/claims"), event="started")
    assert fetch(CLAIMS, [began], store, [SIGNER.public_key], tmp_path).release == began.release
    with pytest.raises(NeverDeployed):
        fetch(CLAIMS, [replace(began, event="verified")], store, [SIGNER.public_key], tmp_path)
    with pytest.raises(NeverDeployed, match="no release that was deployed to prod holds it"):
        fetch(CLAIMS, [publish(release("dev/claims"))], store, [SIGNER.public_key], tmp_path)
    with pytest.raises(NeverDeployed):
        fetch(CLAIMS, [], store, [SIGNER.public_key], tmp_path)


def test_a_release_that_nobody_trusted_signed_unmakes_nothing(
    publish: Publish, store: ReleaseStore, tmp_path: Path
) -> None:
    stranger = CryptoSigner(Ed25519PrivateKey.generate())
    record = publish(release("prod/claims"), signer=stranger)
    with pytest.raises(SignatureRefused):
        fetch(CLAIMS, [record], store, [SIGNER.public_key], tmp_path)


@pytest.mark.parametrize("left", ["tenants/claims/tenant.yaml", "environments/prod/rendered/claims/contracts.json"])
def test_what_git_still_holds_is_not_decommissioned(tmp_path: Path, left: str) -> None:
    refuse_wanted(tmp_path, CLAIMS)
    (tmp_path / left).parent.mkdir(parents=True)
    (tmp_path / left).touch()
    with pytest.raises(StillInGit, match="still there") as refused:
        refuse_wanted(tmp_path, CLAIMS)
    assert refused.value.exit_code == 1
    assert "git rm -r tenants/claims" in refused.value.fix


def test_the_platform_is_no_tenant(tmp_path: Path) -> None:
    with pytest.raises(StillInGit, match="the platform is no tenant"):
        refuse_wanted(tmp_path, StackId("prod", "platform"))
