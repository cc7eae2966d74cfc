"""Signing a digest: moto hashes what it is given again, also when it is told that it is a digest; AWS does not.

Release signing notices: securesystemslib sends KMS the digest only, and verifies against the message.
"""

from __future__ import annotations

import base64
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from moto.kms.responses import KmsResponse

HASHES: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    "256": hashes.SHA256,
    "384": hashes.SHA384,
    "512": hashes.SHA512,
}


def signed_digests() -> None:
    """Let KMS sign a digest as it stands when MessageType is DIGEST."""
    sign_message = KmsResponse.sign

    def sign(self: KmsResponse) -> str:
        if self._get_param("MessageType") != "DIGEST":
            return str(sign_message(self))
        key = self.kms_backend.describe_key(self._get_param("KeyId"))
        algorithm = self._get_param("SigningAlgorithm")
        signature = _sign(key.private_key.private_key, self._get_param("Message"), algorithm)
        answer = {
            "KeyId": key.arn,
            "Signature": base64.b64encode(signature).decode(),
            "SigningAlgorithm": algorithm,
        }
        return json.dumps(answer)

    KmsResponse.sign = sign


def _sign(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, digest: bytes, algorithm: str) -> bytes:
    """Sign `digest` by a KMS algorithm such as ECDSA_SHA_256 or RSASSA_PSS_SHA_384."""
    kind = HASHES[algorithm.rsplit("_", 1)[-1]]()
    prehashed = utils.Prehashed(kind)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(digest, ec.ECDSA(prehashed))
    if "PSS" in algorithm:
        return key.sign(digest, padding.PSS(padding.MGF1(kind), kind.digest_size), prehashed)
    return key.sign(digest, padding.PKCS1v15(), prehashed)
