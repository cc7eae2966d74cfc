"""What a plan would do, as people review it: what destroys data first, what scales by itself left out.

Made from the plan's JSON alone, so that it can be kept beside the digest of that same plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from delivery.drift import SCALES_BY_ITSELF
from delivery.plan import Change, Changes
from delivery.plan_digest import PlanUnreadable

ACTIONS: Mapping[tuple[str, ...], str] = {
    ("no-op",): "",
    ("read",): "",
    ("create",): "create",
    ("update",): "update",
    ("delete",): "delete",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("forget",): "forget",
    ("create", "forget"): "replace",
    ("forget", "create"): "replace",
}
"""{actions of the JSON: Terraform's word for them}; source: "JSON Output Format", "Change Representation"."""


@dataclass(frozen=True)
class StackSummary(Changes):
    """One stack's plan.

    Attributes:
        stack: `<environment>/<stack>`.
        digest: see `delivery.plan_digest`.
        changes: destructive ones first, then by address.
        scaled: addresses of what its service sized in the course of its work; no change of anybody's.
        outputs_change: an apply would still be needed although no resource changes.
        read_only: the plan was made with the role that only reads, and can never be applied.
        plan_sha256: of the plan's JSON, by which the gate's record says what it judged.
    """

    stack: str
    digest: str
    changes: tuple[Change, ...]
    scaled: tuple[str, ...] = ()
    outputs_change: bool = False
    read_only: bool = False
    plan_sha256: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the summary as `summary.json` holds it under the stack's name."""
        return {
            "digest": self.digest,
            "counts": dict(sorted(self.counts.items())),
            "destructive": [_as_json(change) for change in self.destructive],
            "changes": [_as_json(change) for change in self.changes],
            "scaled": list(self.scaled),
            "outputs_change": self.outputs_change,
            "empty": self.is_empty,
            "read_only": self.read_only,
            "plan_sha256": self.plan_sha256,
        }


def _as_json(change: Change) -> dict[str, str]:
    return {"address": change.address, "type": change.type, "action": change.action}


def summarise(stack: str, plan: Mapping[str, Any], digest: str, *, read_only: bool = False) -> StackSummary:
    """Return the summary of `plan`, as `terraform show -json` gives it, decoded.

    Raises:
        PlanUnreadable: an action that nobody here knows, which might destroy anything.
    """
    drifted = {item["address"]: item["change"] for item in plan.get("resource_drift", [])}
    scaled = [item["address"] for item in plan["resource_changes"] if _is_scaled(item, drifted)]
    left = {item["address"] for item in plan.get("resource_drift", []) if _has_scaled(item)}
    changes = [change for item in plan["resource_changes"] for change in _change(stack, item)]
    changes = [change for change in changes if change.address not in scaled]
    outputs = plan.get("output_changes", {}).values()
    return StackSummary(
        stack,
        digest,
        tuple(sorted(changes, key=lambda item: (not item.is_destructive, item.address))),
        tuple(sorted({*scaled, *left} - {change.address for change in changes})),
        outputs_change=not changes and any(output["actions"] != ["no-op"] for output in outputs),
        read_only=read_only,
    )


def _change(stack: str, item: Mapping[str, Any]) -> list[Change]:
    """Return what happens to one resource; nothing where it stays as it is."""
    if item["mode"] != "managed":
        return []
    change = item["change"]
    actions = tuple(change["actions"])
    if actions not in ACTIONS:
        raise PlanUnreadable(
            f"{stack}: {item['address']}: the plan does {' and '.join(actions)!r} to it",
            expected=", ".join(sorted(set(ACTIONS.values()) - {""})),
            why="what nobody here knows might destroy anything",
        )
    moved = "import" if change.get("importing") else "move" if item.get("previous_address") else ""
    action = ACTIONS[actions] or moved
    return [Change(item["address"], item["type"], action)] if action else []


def _is_scaled(item: Mapping[str, Any], drifted: Mapping[str, Mapping[str, Any]]) -> bool:
    """Tell whether a change only takes back what the service itself did, and is no wish of whoever wrote the code.

    All that it changes are sizes that the service sets, and each would get the value that the state had before.
    """
    change, seen = item["change"], drifted.get(item["address"])
    if seen is None or change["actions"] != ["update"] or not _are_mappings(change, seen):
        return False
    names = _changed(change)
    own = SCALES_BY_ITSELF.get(item["type"], frozenset())
    return bool(names) and names <= own and all(change["after"].get(name) == seen["before"].get(name) for name in names)


def _has_scaled(item: Mapping[str, Any]) -> bool:
    own = SCALES_BY_ITSELF.get(item["type"], frozenset())
    return bool(own) and _are_mappings(item["change"]) and bool(_changed(item["change"]) & own)


def _are_mappings(*changes: Mapping[str, Any]) -> bool:
    return all(isinstance(change.get(part), Mapping) for change in changes for part in ("before", "after"))


def _changed(change: Mapping[str, Any]) -> frozenset[str]:
    before, after, unknown = change["before"], change["after"], change.get("after_unknown") or {}
    names = before.keys() | after.keys() | {name for name, mark in unknown.items() if mark}
    return frozenset(name for name in names if unknown.get(name) or before.get(name) != after.get(name))
