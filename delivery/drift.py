"""State drift: what a plan would mend, told apart by how it came about.

Terraform's plan names what it saw changed outside of it (`resource_drift`) and what it would do (`resource_changes`).
Where both name a resource, somebody's hand was there; where only the plan does, the change is not deployed yet. What
drifted and would not be mended is mostly attributes that AWS computes; it is counted, and shown when asked for. What
somebody gave a role or a security group beside what Terraform gave it stands in no plan; see `added_by_hand`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from delivery.added_by_hand import added_rights, added_rules


class Kind(Enum):
    """How a difference between the cloud and the release came about."""

    DELETED = "deleted by hand"
    CHANGED = "changed by hand"
    ADDED = "added by hand"
    NOT_DEPLOYED = "not yet deployed"
    UNTESTED = "restore not tested"
    SCALED = "scaled by itself"
    NOT_COMPARED = "cannot be compared"
    UNMANAGED = "seen, and not managed"

    @property
    def is_drift(self) -> bool:
        """Whether somebody must do something; everything else is left alone, and shown when asked for."""
        return self in (Kind.DELETED, Kind.CHANGED, Kind.ADDED, Kind.NOT_DEPLOYED, Kind.UNTESTED)


SCALES_BY_ITSELF: Mapping[str, frozenset[str]] = {
    "aws_emr_cluster": frozenset({"core_instance_group", "core_instance_fleet", "master_instance_fleet", "step"}),
    "aws_emr_instance_fleet": frozenset({"provisioned_on_demand_capacity", "provisioned_spot_capacity"}),
    "aws_emr_instance_group": frozenset({"running_instance_count", "instance_count"}),
    "aws_db_instance": frozenset({"allocated_storage", "latest_restorable_time"}),
    "aws_mwaa_environment": frozenset({"last_updated"}),
}
"""{resource type: attributes that its service changes in the course of its work}."""


@dataclass(frozen=True)
class Difference:
    """One resource that is not as its release says.

    Attributes:
        attributes: names of those that differ; of what was added, the policies or rules; empty where the whole resource
            is there or gone.
        way_back: what somebody is to do where no plan would mend it.
    """

    address: str
    type: str
    kind: Kind
    attributes: tuple[str, ...] = ()
    way_back: str = ""


def differences(plan: Mapping[str, Any]) -> list[Difference]:
    """Return what is not as the planned release says, drift first, sorted by address.

    Args:
        plan: `terraform show -json` of a plan of the release that the environment runs, decoded.
    """
    drifted = {item["address"]: item for item in plan.get("resource_drift", [])}
    planned = {item["address"]: item for item in plan["resource_changes"] if _is_change(item)}
    added = list(_added(plan))
    told = {item.address for item in added}
    found = [*_to_mend(planned, drifted), *added]
    found += [item for item in _left_alone(planned, drifted) if item.address not in told]
    order = list(Kind)
    return sorted(found, key=lambda item: (order.index(item.kind), item.address))


def is_new_stack(plan: Mapping[str, Any]) -> bool:
    """Tell whether the stack was never deployed: its state holds nothing, and nobody's hand took anything out of it."""
    state = plan.get("prior_state", {}).get("values", {}).get("root_module", {})
    return (
        not _holds_managed(state) and not plan.get("resource_drift") and any(map(_is_change, plan["resource_changes"]))
    )


def _holds_managed(module: Mapping[str, Any]) -> bool:
    own = any(item["mode"] == "managed" for item in module.get("resources", []))
    return own or any(map(_holds_managed, module.get("child_modules", [])))


def _is_change(item: Mapping[str, Any]) -> bool:
    return item["mode"] == "managed" and item["change"]["actions"] not in (["no-op"], ["read"])


def _to_mend(planned: Mapping[str, Any], drifted: Mapping[str, Any]) -> Iterator[Difference]:
    for address, item in planned.items():
        changed = _changed(item)
        hand = drifted.get(address)
        if hand is None:
            yield Difference(address, item["type"], Kind.NOT_DEPLOYED, changed)
        elif "delete" in hand["change"]["actions"]:
            yield Difference(address, item["type"], Kind.DELETED)
        else:
            by_hand = tuple(name for name in changed if name in _changed(hand))
            own = SCALES_BY_ITSELF.get(item["type"], frozenset())
            kind = Kind.NOT_DEPLOYED if not by_hand else Kind.SCALED if set(changed) <= own else Kind.CHANGED
            yield Difference(address, item["type"], kind, by_hand or changed)


def _added(plan: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield what hands gave resources of the stack beside what Terraform gave them; no plan takes it away."""
    held = managed(plan)
    for item, names in (*added_rights(held), *added_rules(held)):
        yield Difference(item["address"], item["type"], Kind.ADDED, names, f"take {', '.join(names)} off it")


def managed(plan: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the managed resources of the stack's state, as the plan has refreshed it: address, type, values."""
    state = plan.get("prior_state", {}).get("values", {}).get("root_module", {})
    return [item for item in _resources(state) if item["mode"] == "managed"]


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _resources(child)


def _left_alone(planned: Mapping[str, Any], drifted: Mapping[str, Any]) -> Iterator[Difference]:
    for address, item in drifted.items():
        if address not in planned:
            own = SCALES_BY_ITSELF.get(item["type"], frozenset())
            changed = _changed(item)
            yield Difference(address, item["type"], Kind.SCALED if set(changed) & own else Kind.UNMANAGED, changed)


def _changed(item: Mapping[str, Any]) -> tuple[str, ...]:
    before, after = item["change"].get("before"), item["change"].get("after")
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return ()
    unknown = item["change"].get("after_unknown") or {}
    names = sorted(before.keys() | after.keys())
    return tuple(name for name in names if not unknown.get(name) and before.get(name) != after.get(name))
