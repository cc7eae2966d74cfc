"""Ten controls on one plan by Open Policy Agent itself, from start-up: `python -m bench.judge_by_opa PLAN`.

OPA is a Go library in a package of its own folder, see README.md: its metadata asks for a newer Python than ours.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

from bench.judge_by_rego import RULES
from bench.measure import ROOT

HOME = ROOT / ".venv" / "bench"
INSTALL = (
    ".venv/uv/bin/uv pip install --target .venv/bench --python-version 3.14 --require-hashes -r requirements/bench.txt"
)


def is_installed() -> bool:
    return (HOME / "opa_bindings").is_dir()


def main(path: Path) -> None:
    """Judge the plan at `path` by the rules of rules.rego."""
    sys.path.append(str(HOME))
    with import_module("opa_bindings").OpaEngine() as engine:
        engine.add_policy(RULES.name, RULES.read_text())
        failed = engine.eval_document("sluice.failed", json.loads(path.read_bytes()))
    print(f"{len(failed)} failed")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
