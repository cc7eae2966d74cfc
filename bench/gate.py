"""The gate on plans of three sizes, beside two engines of Rego and the `checkov` command: `python -m bench.gate`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.judge_by_opa import INSTALL, is_installed
from bench.measure import Cost, python, run
from bench.plans import plan_of

SIZES = (100, 1_000, 10_000, 50_000)
CHECKOV_UP_TO = 1_000
"""Checkov's command takes a minute or more beyond; facts measured once stand in bench/README.md."""


def main() -> None:
    """Print the table."""
    table = Table(title="One plan, from start-up to the last verdict", show_lines=False)
    for heading in ("resources", "engine", "CPU s", "peak MiB", "of the gate's CPU", "said"):
        table.add_column(heading, justify="left" if heading in ("engine", "said") else "right")
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path = Path(folder) / f"{size}.json"
            path.write_bytes(plan_of(size))
            base = None
            for engine, cost in _engines(path, size):
                base = base or cost.cpu_seconds
                ratio = f"{cost.cpu_seconds / base:.2f}"
                row = (f"{size:,}", engine, f"{cost.cpu_seconds:.2f}", f"{cost.peak_mib:.0f}", ratio, cost.said[:60])
                table.add_row(*row)
    Console(width=150).print(table)
    if not is_installed():
        print(f"OPA was not measured, it is not installed: {INSTALL}")


def _engines(path: Path, size: int) -> Iterator[tuple[str, Cost]]:
    run(python("bench.judge_plan", path))  # once unmeasured, so that modules are compiled and files are read
    yield "the gate, all checks on plans", run(python("bench.judge_plan", path))
    yield "regorus, 10 rules", run(python("bench.judge_by_rego", path))
    if is_installed():
        yield "OPA, 10 rules", run(python("bench.judge_by_opa", path))
    if size <= CHECKOV_UP_TO:
        yield "checkov command, our checks", run(checkov(path))


def checkov(path: Path) -> list[str]:
    """Return the `checkov` command with our checks and none of its own."""
    command = [str(Path(sys.executable).with_name("checkov")), "-f", str(path), "--framework", "terraform_plan"]
    return [*command, "--external-checks-dir", "policies/checks", "--check", "CSO_*", "--skip-download", "--compact"]


if __name__ == "__main__":
    main()
