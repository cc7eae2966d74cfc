"""Isolation over real plans of many different tenants: `python -m bench.isolation [TENANTS]`; 100 take eight minutes.

The specs are generated, the plans are Terraform's own, made in a local cloud where production's platform stands. Tests
prove the same over copies of two recorded plans, which is quick, and less.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench.generated_tenants import lay_out
from bench.measure import ROOT
from delivery.plan import Plan as Made
from delivery.plan import show_json
from delivery.workspace import StackId
from policies.isolation import prove
from policies.plan import Plan, read_plan
from policies.surroundings import Surroundings
from sluice import laptop
from sluice.commands.isolation import as_text
from sluice.commands.stacks import apply_all
from sluice.planning import plan_all

ENVIRONMENT = "prod"


def main(tenants: int) -> int:
    """Return 0 when the proof holds."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lay_out(root, tenants)
        shutil.copytree(ROOT / "delivery", root / "delivery")  # the template that prepares accounts
        (root / ".venv").symlink_to(ROOT / ".venv")
        try:
            plans = _plans(root, laptop.host_environment() | laptop.start(root).terraform_environment())
        finally:
            laptop.stop(root)
        begun = time.process_time()
        prove(plans)  # reads the plans' documents as it asks for them, and traces what first plans do not know yet
        read = time.process_time()
        proof = prove(plans)
        seconds = time.process_time() - read
    Console().print(
        f"{len(proof.tenants)} tenants: {read - begun - seconds:.2f} s of CPU to read, {seconds:.2f} s to prove"
    )
    Console().print(as_text(proof, seconds))
    return 0 if proof.holds else 1


def _plans(root: Path, variables: dict[str, str]) -> list[Plan]:
    """Plan every stack of production."""
    surroundings = Surroundings(root, datetime.now(UTC).date())
    plans: dict[StackId, Plan] = {}

    def keep(planned: Made) -> Made:
        shown = show_json(planned.stack, planned.folder, variables)
        plans[planned.stack] = _read(surroundings, planned.stack, shown)
        return planned

    apply_all(root, (ENVIRONMENT,), variables, Console(), only="platform")
    plan_all(root, (ENVIRONMENT,), variables, Console(), look=keep)
    return [plans[stack] for stack in sorted(plans)]


def _read(surroundings: Surroundings, stack: StackId, shown: bytes) -> Plan:
    context = surroundings.context(stack.environment, stack.name)
    return read_plan(shown, context, root=surroundings.root / stack.rendered / "terraform", where=str(stack))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
