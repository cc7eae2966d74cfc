"""Whose signatures an environment believes: public keys beside its spec, reviewed. No option names others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from securesystemslib.signer import Key

from delivery.envelope import KeyUnusable, public_key

Purpose = Literal["release", "approval"]
SIGNERS: Mapping[Purpose, str] = {
    "release": "awskms:alias/… --env SIGNER (the environment in whose account releases are signed)",
    "approval": "awskms:alias/… --env {} --approval",
}
"""{purpose: key and account of who signs for an environment}. One account signs the releases of all of them."""


def trusted_keys(root: Path, environment: str, purpose: Purpose) -> list[Key]:
    """Return the public keys of `environments/<environment>/trusted/<purpose>*.json`; never none.

    Raises:
        KeyUnusable: there is none, or one of them cannot be read.
    """
    folder = Path("environments", environment, "trusted")
    paths = sorted((root / folder).glob(f"{purpose}*.json"))
    if not paths:
        raise KeyUnusable(
            f"{folder}: holds no key {purpose}*.json",
            expected=f"the public key of who signs {purpose}s for {environment}, reviewed and committed",
            fix=f"sluice release key {SIGNERS[purpose].format(environment)} > {folder}/{purpose}.json, and commit it",
        )
    return [public_key(path) for path in paths]
