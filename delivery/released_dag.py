"""A tenant's DAG as a release holds it: its text, and the digest of all files that its tasks work with.

The digest is what `dags/files.py` computes on Airflow's machines: the operators, and what lies beside the DAG.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from delivery.workspace import StackId
from generator.names import pipeline_dag_id

LEFT_BY_PYTHON = "__pycache__"


@dataclass(frozen=True)
class ReleasedDag:
    """One tenant's DAG.

    Attributes:
        source: text of its pipeline's file, which Airflow must show.
        files: SHA-256 over every operator and every file beside the DAG, hexadecimal; each task must work with these.
    """

    source: str
    files: str


def released_dags(root: Path, environment: str, tenants: Sequence[str]) -> dict[str, ReleasedDag]:
    """Return {tenant: its DAG} of the release that is unpacked at `root`."""
    operators = [f"{_digest(path)} dags/{path.name}" for path in (root / "dags").glob("*.py")]
    found = {}
    for tenant in tenants:
        folder = root / StackId(environment, tenant).rendered / "dag"
        path = folder / f"{pipeline_dag_id(tenant)}.py"
        paths = (each for each in folder.rglob("*") if each.is_file() and LEFT_BY_PYTHON not in each.parts)
        beside = [f"{_digest(each)} dag/{each.relative_to(folder).as_posix()}" for each in paths]
        digest = sha256("\n".join(sorted([*operators, *beside])).encode()).hexdigest()
        found[tenant] = ReleasedDag(path.read_text("utf-8"), digest)
    return found


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
