"""Judgements kept by the digest of everything that led to them: the gate's code, its register, the day, and the files.

What cannot be read, or was changed, is judged anew; so is everything once a policy, a tool or the day has changed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from policies.verdict import Judgement

FORMAT = "1"
DIGEST_LENGTH = 32

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Judgement]).decode


class Cache:
    """A folder with one file for each judged unit.

    Args:
        folder: where they lie; made when the first is kept.
        basis: everything that all units share and that a verdict depends on.
    """

    def __init__(self, folder: Path, basis: Mapping[str, Any]) -> None:
        self._folder = folder
        self._basis = hashlib.sha256(msgspec.json.encode([FORMAT, basis], order="sorted")).digest()

    def key(self, unit: str, digests: Iterable[tuple[str, str]]) -> str:
        """Return the name under which a unit's judgements are kept."""
        total = hashlib.sha256(self._basis)
        total.update(unit.encode())
        for path, digest in digests:
            total.update(f"\0{path}\0{digest}".encode())
        return total.hexdigest()

    def get(self, key: str) -> list[Judgement] | None:
        """Return what was judged, or None when it was not, or cannot be read for certain."""
        try:
            content = (self._folder / key[:2] / key).read_bytes()
        except OSError:
            return None
        payload = content[DIGEST_LENGTH:]
        if hashlib.sha256(key.encode() + payload).digest() != content[:DIGEST_LENGTH]:
            return None
        try:
            return _decode(payload)
        except msgspec.MsgspecError:
            return None

    def put(self, key: str, judgements: list[Judgement]) -> None:
        """Keep judgements; a cache that cannot be written is no reason to stop."""
        payload = _encode(judgements)
        path = self._folder / key[:2] / key
        partial = path.with_suffix(f".{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(hashlib.sha256(key.encode() + payload).digest() + payload)
            partial.replace(path)
        except OSError:
            partial.unlink(missing_ok=True)
