"""Whose signatures an environment believes: public keys beside its spec, reviewed. No option names others."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from securesystemslib.signer import Key

from delivery.envelope import KeyUnusable, public_key

Purpose = Literal["release", "approval"]


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
            fix=f"sluice release key awskms:alias/… --env {environment} > {folder}/{purpose}.json, and commit it",
        )
    return [public_key(path) for path in paths]
