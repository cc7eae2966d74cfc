"""What stands between a plan and its apply: the gate's verdict on that very plan.

Verdicts that earlier runs kept count for nothing here: who decides on an apply trusts no file that a build could write.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from delivery.deploy.standing_plans import opened
from delivery.errors import DeliveryError
from delivery.plan import Plan, show_json
from delivery.plan_reading import ReadPlan
from delivery.workspace import StackId
from policies.gate import Request, run_gate
from policies.report import terminal
from policies.result import GateResult
from policies.verdict import Verdict


class GateRefused(DeliveryError):
    """A plan breaks a control (exit 1), or some control has no verdict on it (exit 4)."""

    def __init__(self, stacks: Iterable[StackId], result: GateResult) -> None:
        self.result = result
        self.exit_code = result.exit_code
        names = ", ".join(map(str, stacks))
        super().__init__(f"{names}: not applied, the gate refuses what is planned\n\n{terminal.render(result)}")


def judge(root: Path, planned: Plan, environment: Mapping[str, str] = os.environ) -> GateResult:
    """Return the gate's verdicts on one stack: its plan and its rendered files.

    Raises:
        PolicyError: the gate cannot be relied on.
    """
    stack = planned.stack
    request = Request(
        root,
        datetime.now(UTC).date(),
        environments=(stack.environment,),
        tenants=(stack.name,),
        plans={(stack.environment, stack.name): show_json(stack, planned.folder, environment)},
        are_of_tree=True,
        is_cached=False,
    )
    return run_gate(request)


def require(root: Path, planned: Plan, environment: Mapping[str, str] = os.environ) -> GateResult:
    """Return the verdicts on a plan that may be applied.

    Raises:
        GateRefused: it may not.
        PolicyError: the gate cannot be relied on.
    """
    result = judge(root, planned, environment)
    if result.exit_code:
        raise GateRefused([planned.stack], result)
    return result


def require_together(
    root: Path, plans: Mapping[StackId, ReadPlan], beside: Mapping[StackId, bytes] | None = None
) -> GateResult:
    """Return the verdicts on plans of one environment that may be applied together.

    Where they are those of all its stacks, or the others' stand beside them, they are also shown to keep tenants apart.

    Args:
        root: the tree that was planned, for example an unpacked release.
        beside: compressed essences of the plans of all other stacks; see `delivery.deploy.standing_plans`.

    Raises:
        GateRefused: they may not be applied.
        PolicyError: the gate cannot be relied on.
    """
    request = Request(
        root,
        datetime.now(UTC).date(),
        environments=tuple(sorted({stack.environment for stack in plans})),
        tenants=tuple(stack.name for stack in plans),
        plans={(stack.environment, stack.name): json.dumps(read.document).encode() for stack, read in plans.items()},
        are_of_tree=True,
        beside={(stack.environment, stack.name): opened(body) for stack, body in (beside or {}).items()},
        is_cached=False,
    )
    result = run_gate(request)
    if result.exit_code:
        raise GateRefused(plans, result)
    return result


def brief(result: GateResult) -> str:
    """Return the verdicts in one line."""
    counts = [f"{result.counts[verdict]} {verdict.value}" for verdict in Verdict if result.counts[verdict]]
    return "gate: " + ", ".join(counts)
