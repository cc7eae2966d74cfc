"""Ten controls on one plan by regorus, from start-up: `python -m bench.judge_by_rego PLAN`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import hobofan_regorus as regorus

RULES = Path(__file__).with_name("rules.rego")


def main(path: Path) -> None:
    """Judge the plan at `path` by the rules of rules.rego."""
    engine = regorus.Engine()
    engine.add_policy_from_file(str(RULES))
    engine.set_input_from_json_file(str(path))
    failed = json.loads(engine.eval_rule_as_json("data.sluice.failed"))
    print(f"{len(failed)} failed")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
