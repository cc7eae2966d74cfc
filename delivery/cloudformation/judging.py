"""What is asked about templates before any account hears of them: cfn-lint's opinion, and the gate's verdict."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from delivery.errors import DeliveryError
from policies.gate import Request, run_gate
from policies.report import terminal
from policies.result import GateResult

PlanOf = Callable[[str], bytes]
"""Gives the JSON of a tenant's Terraform plan: a template may use what that makes, such as the tenant's boundary."""
LINT_SECONDS = 300


class LintRefused(DeliveryError):
    """cfn-lint finds a template wrong."""

    exit_code = 1


class LintBroken(DeliveryError):
    """cfn-lint does not run, so nobody has looked at the templates."""

    exit_code = 4


class TemplatesRefused(DeliveryError):
    """A template breaks a control (exit 1), or some control has no verdict on it (exit 4)."""

    def __init__(self, environment: str, result: GateResult) -> None:
        self.result = result
        self.exit_code = result.exit_code
        super().__init__(f"{environment}: no template is used, the gate refuses\n\n{terminal.render(result)}")


def lint(root: Path, paths: Iterable[str], region: str) -> None:
    """Have cfn-lint look at templates.

    Raises:
        LintRefused: it finds an error or a warning.
        LintBroken: it did not look.
    """
    named = sorted(paths)
    if not named:
        return
    command = [
        sys.executable,
        "-m",
        "cfnlint.runner.cli",
        "--format",
        "parseable",
        "--regions",
        region,
        "--template",
        *named,
    ]
    try:
        found = subprocess.run(
            command,
            cwd=root,
            capture_output=True,
            text=True,
            timeout=LINT_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LintBroken("cfn-lint does not run", why=str(error), fix="make install") from error
    findings = [line for line in found.stdout.splitlines() if line.strip()]
    if findings:
        raise LintRefused("cfn-lint finds templates wrong:\n  " + "\n  ".join(findings))
    if found.returncode:
        raise LintBroken(f"cfn-lint ended with {found.returncode}", why=found.stderr.strip()[-500:], fix="make install")


def require(root: Path, environment: str, tenants: Sequence[str], plan_of: PlanOf) -> None:
    """Have the gate judge the tenants' templates, beside their Terraform plans.

    Raises:
        TemplatesRefused: they may not be used.
        DeliveryError: a tenant has no plan that speaks about this tree.
        PolicyError: the gate cannot be relied on.
    """
    plans = {(environment, tenant): plan_of(tenant) for tenant in tenants}
    request = Request(root, datetime.now(UTC).date(), environments=(environment,), tenants=tuple(tenants), plans=plans)
    result = run_gate(request)
    if result.exit_code:
        raise TemplatesRefused(environment, result)
