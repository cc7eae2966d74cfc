"""Tenants that were deployed, that Git holds no more, and that nobody has decommissioned: none is forgotten."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from delivery.decommission.source import DEPLOYED
from delivery.ledger import Record
from delivery.workspace import PLATFORM
from generator.model import EnvironmentSpec
from generator.names import Names


def waiting(spec: EnvironmentSpec, history: Sequence[Record], rendered: Collection[str]) -> list[str]:
    """Return the names of the tenants that wait for their decommission, sorted.

    Args:
        history: the environment's ledger, the oldest record first; what a deploy began with counts.
        rendered: names of the stacks that Git holds for the environment.
    """
    known: set[str] = set()
    ever = set(rendered)
    for record in history:
        names = {stack.removeprefix(f"{spec.environment}/") for stack in record.plans}
        if record.event in DEPLOYED:
            known |= names
            ever |= names
        elif record.event == "decommissioned":
            known -= names
    own = tuple(f"{Names(spec, name).prefix}-" for name in ever)  # of their CloudFormation stacks, which end with them
    return sorted(name for name in known - set(rendered) - {PLATFORM} if not name.startswith(own))
