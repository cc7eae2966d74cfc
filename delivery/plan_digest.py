"""The digest of what a plan would do: equal for a plan that was made again and means the same, else different.

A plan file differs each time it is made, and so do the order and the timestamp of its JSON. What an approver reads is
the changes, on which state, by which Terraform: that is digested.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from delivery.errors import DeliveryError

CHANGE_PARTS = ("actions", "before", "after", "after_unknown", "replace_paths", "importing")
UNORDERED = frozenset({"replace_paths"})


class PlanUnreadable(DeliveryError):
    """A plan's JSON is truncated, foreign, or of a plan that failed."""

    exit_code = 4


@dataclass(frozen=True)
class StateVersion:
    """The state that a plan was made on, as `terraform state pull` prints it; empty and 0 before the first apply."""

    lineage: str
    serial: int


def plan_digest(stack: str, plan: Mapping[str, Any], state: StateVersion, *, read_only: bool = False) -> str:
    """Return the SHA-256 of what `plan` would do, hexadecimal.

    Args:
        stack: `<environment>/<stack>`.
        plan: `terraform show -json` of the plan file, decoded.
        read_only: the plan can never be applied; no digest of one that can is equal to its digest.

    Raises:
        PlanUnreadable: something that decides the digest is missing.
    """
    if plan.get("errored") or not plan.get("complete", True) or "resource_changes" not in plan:
        raise PlanUnreadable(
            f"{stack}: the plan is not a whole one", fix=f"sluice plan --env {stack.partition('/')[0]}"
        )
    try:
        meaning = {
            "stack": stack,
            "terraform": plan["terraform_version"],
            "state": [state.lineage, state.serial],
            "changes": sorted(
                (_change(item) for item in plan["resource_changes"]),
                key=lambda item: (item["address"], item["deposed"]),
            ),
            "outputs": {name: _parts(change) for name, change in plan.get("output_changes", {}).items()},
            **({"read_only": True} if read_only else {}),
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise PlanUnreadable(f"{stack}: the plan's JSON lacks what decides it", why=repr(error)) from error
    return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()


def _change(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "address": item["address"],
        "deposed": item.get("deposed", ""),
        "previous_address": item.get("previous_address", ""),
        "provider": item["provider_name"],
        **_parts(item["change"]),
    }


def _parts(change: Mapping[str, Any]) -> dict[str, Any]:
    found = {part: change.get(part) for part in CHANGE_PARTS}
    for part in UNORDERED:
        found[part] = sorted(found[part] or [], key=json.dumps)
    return found
