"""The gate's whole work on one plan, from start-up: `python -m bench.judge_plan PLAN`. Prints verdicts by kind."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from datetime import date
from pathlib import Path

from policies.context import Context
from policies.controls import load_register
from policies.gate import REGISTER
from policies.judge import judge_plan
from policies.plan.read import read_plan
from policies.registry import load_checks, verify
from policies.verdict import Verdict

BROKEN_CHECKS = frozenset({"CSO_KMS_01", "CSO_S3_01"})
"""Those that `bench.plans.BROKEN` breaks; the ten rules of Rego fail nothing else in these plans."""


def main(path: Path) -> None:
    """Judge the plan at `path` by every check on plans."""
    gc.disable()  # as the gate does while it judges
    checks, register = load_checks(), load_register(REGISTER)
    verify(register, checks)
    context = Context(
        environment="prod",
        stack="annuity",
        today=date(2026, 11, 23),
        is_production=True,
        organisation="meridian",
        account_id="222222222222",
        region="us-east-1",
        tenants=("annuity",),
    )
    plan = read_plan(path.read_bytes(), context)
    judged = list(judge_plan(plan, checks))
    counts = Counter(judgement.verdict.value for judgement in judged)
    broken = sum(item.check in BROKEN_CHECKS and item.verdict is Verdict.FAILED for item in judged)
    print(f"{broken} failed of what the bench broke; {len(plan.resources)} resources, {dict(counts)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
