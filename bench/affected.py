"""What a change of one tenant costs among many: `python -m bench.affected [TENANTS]`.

Measured is everything before Terraform runs: which stacks are touched, and the run folder of the one that is planned.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.measure import Cost, python, run
from bench.tenants import build, name_of
from delivery.workspace import StackId, prepare
from generator.render import render_tree
from generator.spec import load_environments, load_tenant


def main(tenants: int) -> None:
    """Build a repository of one tenant and one of many, change a tenant's spec in each, and ask what is touched."""
    table = Table(title="One tenant's retention changed: what is touched")
    for heading in ("tenants", "run", "CPU s", "wall s", "peak MiB", "exit"):
        table.add_column(heading)
    for count in (1, tenants):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            build(root, count)
            _commit(root)
            _change(root, name_of(0))
            for label in ("sluice affected, in a fresh clone", "again"):
                _row(table, count, label, run(python("sluice", "affected", "--base", "HEAD"), root))
            begin = time.process_time()
            prepare(root, StackId("prod", name_of(0)), {})
            table.add_row(f"{count:,}", "its run folder", f"{time.process_time() - begin:.2f}", "", "", "")
    Console(width=140).print(table)


def _row(table: Table, count: int, label: str, cost: Cost) -> None:
    numbers = (f"{cost.cpu_seconds:.2f}", f"{cost.wall_seconds:.2f}", f"{cost.peak_mib:.0f}", str(cost.exit_code))
    table.add_row(f"{count:,}", label, *numbers)


def _commit(root: Path) -> None:
    author = ("-c", "user.name=bench", "-c", "user.email=bench@meridian.example")
    for command in (("init", "-q"), ("add", "."), (*author, "commit", "-q", "-m", "the tenants")):
        subprocess.run(["git", *command], cwd=root, check=True)


def _change(root: Path, tenant: str) -> None:
    """Change the tenant's spec, and what is rendered from it."""
    spec = root / f"tenants/{tenant}/tenant.yaml"
    spec.write_text(spec.read_text().replace("retention_days: 2555", "retention_days: 400"))
    tree = render_tree([load_tenant(root, tenant)], list(load_environments(root).values()))
    for path, text in tree.items():
        if tenant in path.parts:
            (root / path).write_text(text)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
