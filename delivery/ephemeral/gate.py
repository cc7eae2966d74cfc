"""Judge a short-lived cluster by the controls that judge every cluster of a plan, before anything is started.

The plan is judged as a tenant's: only a platform is asked for what every platform must hold. Asked are the controls
that speak about what the program makes; what stands already is there to be seen, and is judged in its own plan.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from delivery.ephemeral.translate import ShownPlan
from delivery.errors import DeliveryError
from policies.gate import Request, run_gate
from policies.registry import PLAN, load_checks
from policies.report import terminal
from policies.result import GateResult


class EphemeralRefused(DeliveryError):
    """The cluster breaks a control (exit 1), or some control has no verdict on it (exit 4)."""

    def __init__(self, name: str, result: GateResult) -> None:
        self.result = result
        self.exit_code = result.exit_code
        super().__init__(f"{name}: not started, the gate refuses it\n\n{terminal.render(result)}")


def judge(root: Path, today: date, environment: str, tenant: str, plan: ShownPlan) -> GateResult:
    """Return the verdicts on what the program makes.

    Raises:
        PolicyError: the gate cannot be relied on, or the plan is of another account.
    """
    checks = load_checks()
    controls = {check.control for type in plan.types for check in checks.of_resources.get(type, ())}
    request = Request(
        root,
        today,
        environments=(environment,),
        tenants=(tenant,),
        controls=tuple(sorted(controls)),
        plans={(environment, tenant): plan.json},
    )
    result = run_gate(request)
    own = [item for item in result.judgements if item.subject.artefact == PLAN]
    return replace(
        result,
        judgements=tuple(item for item in own if item.subject.address in plan.addresses),
        notes=("judged was what the program makes: nothing else of the tenant, and not the platform around it",),
    )


def require(root: Path, today: date, environment: str, tenant: str, plan: ShownPlan) -> GateResult:
    """Return the verdicts on a cluster that may be started.

    Raises:
        EphemeralRefused: it may not.
        PolicyError: see `judge`.
    """
    result = judge(root, today, environment, tenant, plan)
    if result.exit_code:
        raise EphemeralRefused(f"{environment}/{tenant}", result)
    return result
