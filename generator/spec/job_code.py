"""The version of a tenant's code: a hash over what runs in its steps.

Decides which files count: the tenant's own Python, the shared runtime and the contracts, and nothing that is made from
them. It must not know where code is uploaded (`resolve/locations.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from generator.model import Contract
from generator.spec.contract import contracts_json

RUNTIME = "runtime"


def code_files(root: Path, package: str) -> list[Path]:
    """Return the Python files of a tenant's package and of the runtime, relative to `root`, sorted as text."""
    found = [
        path.relative_to(root)
        for folder in (RUNTIME, package)
        for path in (root / "spark_jobs" / folder).rglob("*.py")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    return sorted(found, key=lambda path: path.as_posix())


def code_sha256(root: Path, package: str, contracts: Mapping[str, Contract]) -> str:
    """Return the version of what a tenant's steps run: equal code and contracts, equal version.

    Each part is preceded by its length, so that no two sets of files can look alike.
    """
    digest = hashlib.sha256()
    parts = [(path.as_posix(), (root / path).read_bytes()) for path in code_files(root, package)]
    parts.append(("contracts.json", contracts_json(contracts).encode()))
    for name, content in parts:
        digest.update(f"{len(name.encode())}:{name}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()
