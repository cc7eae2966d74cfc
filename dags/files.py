"""Which files a task works with, as one digest: the operators as they were imported, and all that lies beside its DAG.

A deploy computes the same of a release; source: delivery/released_dag.py. It must not know who asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

LEFT_BY_PYTHON = "__pycache__"


def runtime_files() -> tuple[str, ...]:
    """Return a line for each module of this package, as it lies on this machine."""
    folder = Path(__file__).parent
    return tuple(f"{_digest(path)} dags/{path.name}" for path in folder.glob("*.py"))


def dag_files(folder: Path) -> tuple[str, ...]:
    """Return a line for each file in the folder of a DAG: queries, pipelines and job flows, which tasks read."""
    paths = (path for path in folder.rglob("*") if path.is_file() and LEFT_BY_PYTHON not in path.parts)
    return tuple(f"{_digest(path)} dag/{path.relative_to(folder).as_posix()}" for path in paths)


def digest_of(lines: Iterable[str]) -> str:
    """Return the SHA-256 of the lines, whatever their order, hexadecimal."""
    return sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
