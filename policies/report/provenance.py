"""Which tools judged, and by which code: what an auditor needs to run the same judgement again."""

from __future__ import annotations

import hashlib
import platform
from importlib import metadata
from pathlib import Path

PACKAGES = ("bc-detect-secrets", "checkov", "msgspec", "pyyaml", "sqlglot")
POLICIES = Path(__file__).parents[1]
SUFFIXES = {".json", ".md", ".py", ".yaml"}


def tools() -> dict[str, str]:
    """Return `{tool: version}` of what judges here; `policies` is the digest of the gate's own code and data."""
    versions = {name: metadata.version(name) for name in PACKAGES}
    return {"policies": code_digest(POLICIES), "python": platform.python_version(), **versions}


def code_digest(folder: Path) -> str:
    """Return `sha256:<hexadecimal>` over the names and bytes of every source and data file below `folder`."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{content}  {path.relative_to(folder).as_posix()}\n".encode())
    return f"sha256:{total.hexdigest()}"
