"""Of one plan, what the proof over all plans of an environment reads: without secrets, without what only the plan's own
apply needs, and in one form, so that equal plans are equal bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from delivery.redaction import redacted

PARTS = ("format_version", "terraform_version", "variables", "planned_values", "configuration", "errored", "complete")
CHANGE_PARTS = ("address", "mode", "type", "name", "module_address", "index", "deposed")
NEVER_READ = frozenset({"prior_state", "resource_drift", "checks", "relevant_attributes"})


def essence(document: Mapping[str, Any]) -> bytes:
    """Return the essence of a plan's JSON; `policies.plan.read_plan` reads it like the whole.

    Args:
        document: `terraform show -json` of the plan file, decoded.
    """
    shown = redacted({name: part for name, part in document.items() if name not in NEVER_READ})
    kept = {name: shown[name] for name in PARTS if name in shown}
    changes = [_change(item) for item in shown["resource_changes"]]
    return json.dumps({**kept, "resource_changes": changes}, sort_keys=True, separators=(",", ":")).encode()


def _change(item: Mapping[str, Any]) -> dict[str, Any]:
    change = {"actions": item["change"]["actions"], "after_unknown": item["change"].get("after_unknown")}
    return {**{name: item[name] for name in CHANGE_PARTS if name in item}, "change": change}
