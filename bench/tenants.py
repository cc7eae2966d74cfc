"""The gate on many tenants' rendered trees, whole and after one change: `python -m bench.tenants [TENANTS]`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.measure import ROOT, Cost, python, run
from generator.render import render
from generator.scaffold import new_tenant

MODEL = "model-tenant"
TAKEN = ("modules", "dags", "policies", "authority", "environments", "spark_jobs")


def main(tenants: int) -> None:
    """Build the trees, judge them, change one, judge again; print what each took."""
    table = Table(title=f"Rendered trees of {tenants:,} tenants in two environments, no plans")
    for heading in ("run", "CPU s", "wall s", "peak MiB", "exit", "said"):
        table.add_column(heading)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        build(root, tenants)
        _commit(root)
        _row(table, "everything, for the first time", _gate(root))
        _row(table, "again, nothing changed", _gate(root))
        job_flow = root / f"environments/prod/rendered/{name_of(7)}/dag/job_flow.json"
        job_flow.write_text(job_flow.read_text().replace('"IdleTimeout": 9', '"IdleTimeout": 8'))
        _row(table, "again, one tenant changed", _gate(root))
        _row(table, "what the change touches", _gate(root, "--changed-since", "HEAD"))
    Console(width=140).print(table)


def _gate(root: Path, *options: str) -> Cost:
    return run(python("sluice", "gate", "--plans", "none", "--today", "2026-11-23", *options), root)


def _commit(root: Path) -> None:
    """Make what was built the commit that a change is compared with."""
    (root / ".gitignore").write_text(".sluice\n__pycache__\n")
    name = ("-c", "user.name=Bench", "-c", "user.email=bench@meridian.example")
    for command in (("init", "-q"), ("add", "-A"), (*name, "commit", "-q", "-m", "Before the change")):
        subprocess.run(["git", *command], cwd=root, check=True)


def _row(table: Table, label: str, cost: Cost) -> None:
    numbers = (f"{cost.cpu_seconds:.2f}", f"{cost.wall_seconds:.2f}", f"{cost.peak_mib:.0f}", str(cost.exit_code))
    table.add_row(label, *numbers, cost.said[:70])


def name_of(number: int) -> str:
    return f"tenant-{number:05}"


def build(root: Path, tenants: int) -> None:
    """Lay out a repository of one scaffolded and rendered tenant, and copy that under other names."""
    ignored = shutil.ignore_patterns("__pycache__", "annuity", "rendered")
    for name in TAKEN:
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    new_tenant(root, MODEL, "model@meridian.example", sources=("orders",), job="load")
    render(root)
    folders = [folder for folder in root.rglob("*") if folder.is_dir() and folder.name in (MODEL, _snake(MODEL))]
    for number in range(tenants):
        for folder in folders:
            _copy(folder, name_of(number))
    for folder in folders:
        shutil.rmtree(folder)


def _snake(name: str) -> str:
    return name.replace("-", "_")


def _copy(folder: Path, name: str) -> None:
    """Copy a tenant's folder beside itself, its name changed wherever it stands."""
    target = folder.with_name(name if folder.name == MODEL else _snake(name))
    for path in folder.rglob("*"):
        if path.is_file():
            place = target / _renamed(path.relative_to(folder).as_posix(), name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(_renamed(path.read_text(), name))


def _renamed(text: str, name: str) -> str:
    return text.replace(MODEL, name).replace(_snake(MODEL), _snake(name))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
