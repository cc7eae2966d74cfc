"""Who vouches for a release: an in-toto statement about its digest, signed in a DSSE envelope.

securesystemslib signs and verifies; the key is KMS's (`awskms:<key>`) or an ed25519 key in a file (`file:<path>`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer import AWSSigner, CryptoSigner, Key, Signer, SSlibKey

from delivery.errors import DeliveryError
from delivery.release.bundle import Release

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:sluice:release:v1"


class SignatureRefused(DeliveryError):
    """A release is not vouched for by a trusted key, or the statement is about something else."""

    exit_code = 1


class KeyUnusable(DeliveryError):
    """A signing or a public key cannot be read."""

    exit_code = 2


@dataclass(frozen=True)
class Provenance:
    """What the builder says about a build; signed with the release, and no part of its digest.

    Attributes:
        commit: Git commit that was built.
        builder: who built it, for example the Jenkins job.
        built_at: ISO 8601, UTC.
    """

    commit: str
    builder: str
    built_at: str


def statement(release: Release, provenance: Provenance) -> dict[str, Any]:
    """Return the in-toto statement: the release's digest is its subject."""
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": "sluice-release", "digest": {"sha256": release.digest}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "commit": provenance.commit,
            "builder": provenance.builder,
            "builtAt": provenance.built_at,
            "stacks": release.stacks,
        },
    }


def sign(release: Release, provenance: Provenance, signer: Signer) -> dict[str, Any]:
    """Return the DSSE envelope that vouches for `release`, as JSON data."""
    payload = json.dumps(statement(release, provenance), sort_keys=True).encode()
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    envelope.sign(signer)
    data: dict[str, Any] = envelope.to_dict()
    return data


def verify(release: Release, envelope: dict[str, Any], trusted: Sequence[Key]) -> Provenance:
    """Return what the signed statement says about `release`.

    Raises:
        SignatureRefused: no trusted key signed it, it was edited, or it is about another release.
    """
    if not trusted:
        raise SignatureRefused(
            "no key is trusted", fix="name the public key: --key environments/<env>/release_key.json"
        )
    try:
        signed = Envelope.from_dict(json.loads(json.dumps(envelope)))
        signed.verify(list(trusted), threshold=1)
        said = json.loads(signed.payload)
        subject = said["subject"][0]["digest"]["sha256"]
        predicate = said["predicate"]
        provenance = Provenance(predicate["commit"], predicate["builder"], predicate["builtAt"])
    except (VerificationError, UnverifiedSignatureError) as error:
        raise SignatureRefused("no trusted key has signed this release", why=str(error)) from error
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise SignatureRefused("the signature file is no DSSE envelope of a release", why=repr(error)) from error
    if (signed.payload_type, said.get("_type"), said.get("predicateType")) != (
        PAYLOAD_TYPE,
        STATEMENT_TYPE,
        PREDICATE_TYPE,
    ):
        raise SignatureRefused("the signed statement is not about a Sluice release")
    if len(said["subject"]) != 1 or subject != release.digest:
        raise SignatureRefused(
            f"the signed statement is about release {subject[:16]}, and this is {release.digest[:16]}",
            why="a signature moves with nothing but the very content it was made for",
        )
    return provenance


def signer_of(uri: str) -> Signer:
    """Return the signer of `awskms:<key id, ARN or alias>` or `file:<path of an unencrypted PKCS#8 PEM>`.

    Raises:
        KeyUnusable: any other form, or the key cannot be read.
    """
    kind, _, name = uri.partition(":")
    if kind == "awskms" and name:
        private, public = AWSSigner.import_(name)
        return AWSSigner.from_priv_key_uri(private, public)
    if kind == "file" and Path(name).is_file():
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 -- slow to load

        try:
            return CryptoSigner(load_pem_private_key(Path(name).read_bytes(), None))
        except (ValueError, TypeError) as error:
            raise KeyUnusable(f"{name} holds no private key", why=str(error)) from error
    raise KeyUnusable(f"{uri!r} names no key", expected="awskms:<key id, ARN or alias>, or file:<PEM file>")


def public_key(path: Path) -> Key:
    """Return the trusted public key that a JSON file holds, as `sluice release key` prints it.

    Raises:
        KeyUnusable: the file is missing or holds something else.
    """
    try:
        data = json.loads(path.read_text())
        return SSlibKey.from_dict(data.pop("keyid"), data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyUnusable(f"{path} holds no public key", why=repr(error)) from error


def public_key_document(signer: Signer) -> dict[str, Any]:
    """Return the signer's public key as the JSON that `public_key` reads."""
    key: dict[str, Any] = signer.public_key.to_dict()
    return {"keyid": signer.public_key.keyid, **key}
