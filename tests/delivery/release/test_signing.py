"""Signatures: a trusted key vouches for this very release, or the release is refused."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from securesystemslib.signer import CryptoSigner

from delivery import envelope as envelopes
from delivery.envelope import KeyUnusable, SignatureRefused
from delivery.release import signing
from delivery.release.bundle import Release
from delivery.release.signing import Provenance
from sandbox.aws import moto_patches

RELEASE = Release({"environments/prod/rendered/annuity/terraform/main.tf": b"one"})
OTHER = Release({"environments/prod/rendered/annuity/terraform/main.tf": b"two"})
PROVENANCE = Provenance("0a1b2c", "jenkins/sluice/main/7", "2026-11-23T06:00:00+00:00")


@pytest.fixture(scope="module")
def signer() -> CryptoSigner:
    return CryptoSigner.generate_ed25519()


@pytest.fixture
def envelope(signer: CryptoSigner) -> dict[str, Any]:
    return signing.sign(RELEASE, PROVENANCE, signer)


def test_a_trusted_signature_is_accepted_and_says_where_it_comes_from(
    signer: CryptoSigner, envelope: dict[str, Any]
) -> None:
    stranger = CryptoSigner.generate_ed25519().public_key
    assert signing.verify(RELEASE, envelope, [stranger, signer.public_key]) == PROVENANCE
    statement = json.loads(base64.b64decode(envelope["payload"]))
    assert statement["subject"] == [{"name": "sluice-release", "digest": {"sha256": RELEASE.digest}}]
    assert statement["predicate"]["stacks"] == ["prod/annuity"]


def test_a_signature_does_not_move_to_another_release(signer: CryptoSigner, envelope: dict[str, Any]) -> None:
    with pytest.raises(SignatureRefused, match="is about release"):
        signing.verify(OTHER, envelope, [signer.public_key])


def test_no_trusted_key_is_no_signature(envelope: dict[str, Any]) -> None:
    with pytest.raises(SignatureRefused, match="no key is trusted"):
        signing.verify(RELEASE, envelope, [])
    with pytest.raises(SignatureRefused, match="no trusted key has signed"):
        signing.verify(RELEASE, envelope, [CryptoSigner.generate_ed25519().public_key])


def _payload(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    def edit(envelope: dict[str, Any]) -> None:
        statement = json.loads(base64.b64decode(envelope["payload"]))
        change(statement)
        envelope["payload"] = base64.b64encode(json.dumps(statement, sort_keys=True).encode()).decode()

    return edit


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda e: e.update(signatures=[]), id="no signature"),
        pytest.param(lambda e: e["signatures"][0].update(sig=""), id="empty signature"),
        pytest.param(lambda e: e["signatures"][0].update(keyid="0" * 64), id="other key's name"),
        pytest.param(lambda e: e.pop("payload"), id="no payload"),
        pytest.param(lambda e: e.update(payload="bm90IGpzb24="), id="payload is no JSON"),
        pytest.param(lambda e: e.update(payloadType="text/plain"), id="other payload type"),
        pytest.param(_payload(lambda s: s["predicate"].update(commit="ffff")), id="other commit"),
        pytest.param(_payload(lambda s: s["subject"][0]["digest"].update(sha256=OTHER.digest)), id="other subject"),
        pytest.param(_payload(lambda s: s["subject"].append(s["subject"][0])), id="second subject"),
        pytest.param(_payload(lambda s: s.update(predicateType="urn:other")), id="other predicate"),
    ],
)
def test_an_edited_envelope_is_refused(
    edit: Callable[[dict[str, Any]], None], signer: CryptoSigner, envelope: dict[str, Any]
) -> None:
    edited = copy.deepcopy(envelope)
    edit(edited)
    with pytest.raises(SignatureRefused):
        signing.verify(RELEASE, edited, [signer.public_key])


def test_a_statement_about_something_else_is_refused_even_when_well_signed(signer: CryptoSigner) -> None:
    from securesystemslib.dsse import Envelope  # noqa: PLC0415 -- used by this forger alone

    statement = signing.statement(RELEASE, PROVENANCE)
    for change in ({"predicateType": "urn:other"}, {"_type": "urn:other"}, {"subject": statement["subject"] * 2}):
        forged = Envelope(json.dumps({**statement, **change}).encode(), signing.PAYLOAD_TYPE, {})
        forged.sign(signer)
        with pytest.raises(SignatureRefused):
            signing.verify(RELEASE, forged.to_dict(), [signer.public_key])


def test_a_file_key_signs_and_its_public_key_is_read_from_json(tmp_path: Path, signer: CryptoSigner) -> None:
    (tmp_path / "key.pem").write_bytes(signer.private_bytes)
    loaded = envelopes.signer_of(f"file:{tmp_path / 'key.pem'}")
    (tmp_path / "key.json").write_text(json.dumps(envelopes.public_key_document(loaded)))
    envelope = signing.sign(RELEASE, PROVENANCE, loaded)
    assert signing.verify(RELEASE, envelope, [envelopes.public_key(tmp_path / "key.json")]) == PROVENANCE


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P384", "RSA_2048"])
def test_a_kms_key_signs_without_leaving_kms(spec: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    moto_patches.apply()
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        made = boto3.client("kms").create_key(KeyUsage="SIGN_VERIFY", KeySpec=spec)["KeyMetadata"]
        signer = envelopes.signer_of(f"awskms:{made['KeyId']}")
        envelope = signing.sign(RELEASE, PROVENANCE, signer)
        assert signing.verify(RELEASE, envelope, [signer.public_key]) == PROVENANCE


@pytest.mark.parametrize("uri", ["", "file:", "file:/nowhere", "https://somewhere", "awskms"])
def test_what_names_no_key_is_said(uri: str) -> None:
    with pytest.raises(KeyUnusable):
        envelopes.signer_of(uri)


def test_files_that_hold_no_key_are_said(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("nothing")
    with pytest.raises(KeyUnusable, match="no private key"):
        envelopes.signer_of(f"file:{tmp_path / 'key'}")
    for text in ("nothing", "[]", "{}", '{"keyid": 1}'):
        (tmp_path / "key").write_text(text)
        with pytest.raises(KeyUnusable, match="no public key"):
            envelopes.public_key(tmp_path / "key")
