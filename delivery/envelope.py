"""Signed statements: a DSSE envelope around JSON, sealed by one key and opened only by trusted ones.

securesystemslib signs and verifies; a key is KMS's (`awskms:<key>`) or an ed25519 key in a file (`file:<path>`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import UnsupportedAlgorithmError, UnverifiedSignatureError, VerificationError
from securesystemslib.signer import AWSSigner, CryptoSigner, Key, Signer, SSlibKey

from delivery.errors import DeliveryError


class SignatureRefused(DeliveryError):
    """No trusted key vouches for a statement, or the statement is about something else."""

    exit_code = 1


class KeyUnusable(DeliveryError):
    """A signing or a public key cannot be read."""

    exit_code = 2


def seal(statement: Mapping[str, Any], payload_type: str, signer: Signer) -> dict[str, Any]:
    """Return the envelope that holds `statement`, as JSON data."""
    envelope = Envelope(json.dumps(statement, sort_keys=True).encode(), payload_type, {})
    envelope.sign(signer)
    data: dict[str, Any] = envelope.to_dict()
    return data


def unseal(envelope: Any, payload_type: str, trusted: Sequence[Key]) -> dict[str, Any]:
    """Return the statement in `envelope` once a trusted key is seen to have signed it.

    Raises:
        SignatureRefused: no trusted key signed it, it was edited, or it holds another type of statement.
    """
    if not trusted:
        raise SignatureRefused("no key is trusted", fix="name the public key of who may sign")
    try:
        signed = Envelope.from_dict(json.loads(json.dumps(envelope)))
        signed.verify(list(trusted), threshold=1)
        statement = json.loads(signed.payload)
    except (VerificationError, UnverifiedSignatureError) as error:
        raise SignatureRefused("no trusted key has signed this", why=str(error)) from error
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise SignatureRefused("the signature file holds no DSSE envelope", why=repr(error)) from error
    if signed.payload_type != payload_type or not isinstance(statement, dict):
        raise SignatureRefused(f"the envelope holds {signed.payload_type!r}", expected=payload_type)
    return statement


def signer_of(uri: str, session: boto3.Session | None = None) -> Signer:
    """Return the signer of `awskms:<key id, ARN or alias>` or `file:<path of an unencrypted PKCS#8 PEM>`.

    Args:
        session: the account and role in which KMS is asked; the process's own credentials without it.

    Raises:
        KeyUnusable: any other form, or the key cannot be read.
    """
    kind, _, name = uri.partition(":")
    if kind == "awskms" and name:
        try:
            with _as_default(session):
                private, public = AWSSigner.import_(name)
                return AWSSigner.from_priv_key_uri(private, public)
        except (BotoCoreError, ClientError, UnsupportedAlgorithmError) as error:
            raise KeyUnusable(f"{uri} cannot be used", why=str(error)) from error
    if kind == "file" and Path(name).is_file():
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 -- slow to load

        try:
            return CryptoSigner(load_pem_private_key(Path(name).read_bytes(), None))
        except (ValueError, TypeError) as error:
            raise KeyUnusable(f"{name} holds no private key", why=str(error)) from error
    raise KeyUnusable(f"{uri!r} names no key", expected="awskms:<key id, ARN or alias>, or file:<PEM file>")


@contextmanager
def _as_default(session: boto3.Session | None) -> Iterator[None]:
    """Let boto3's module functions act as `session`: securesystemslib takes its client from them alone."""
    before = boto3.DEFAULT_SESSION
    boto3.DEFAULT_SESSION = session or before
    try:
        yield
    finally:
        boto3.DEFAULT_SESSION = before


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
