"""Tenants that were deployed, that Git holds no more, and that nobody has decommissioned: none is forgotten."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from delivery.decommission.source import DEPLOYED
from delivery.ledger import Record
from delivery.workspace import PLATFORM


def waiting(environment: str, history: Sequence[Record], rendered: Collection[str]) -> list[str]:
    """Return the names of the tenants that wait for their decommission, sorted.

    Args:
        history: the environment's ledger, the oldest record first; what a deploy began with counts.
        rendered: names of the stacks that Git holds for the environment.
    """
    known: set[str] = set()
    for record in history:
        if record.event in DEPLOYED:
            known |= record.plans.keys()
        elif record.event == "decommissioned":
            known -= record.plans.keys()
    prefix = f"{environment}/"
    names = {stack.removeprefix(prefix) for stack in known if stack.startswith(prefix)}
    return sorted(names - set(rendered) - {PLATFORM})
