"""Plans of any size, made from one real plan: the annuity tenant's, repeated under other names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BASE = Path(__file__).with_name("prod_annuity_plan.json")
"""`terraform show -json` of prod/annuity in the local cloud, without what no gate reads."""
NAME = "meridian-prod-annuity-"
EVERY = 25
BROKEN = {
    '"enable_key_rotation": true': '"enable_key_rotation": false',
    '"block_public_acls": true': '"block_public_acls": false',
}
"""What is broken in every so many copies, so that engines can be seen to find the same."""
EMPTY = {"before": None, "after": None}
"""Checkov's command asks for both, and the gate for neither."""


def plan_of(resources: int) -> bytes:
    """Return a plan's JSON with at least `resources` managed resources."""
    base = json.loads(BASE.read_text())
    each = len(base["resource_changes"])
    copies = [_copy(base, number) for number in range(-(-resources // each))]
    base["planned_values"]["root_module"] = {
        "child_modules": [copy["planned_values"]["root_module"] for copy in copies],
    }
    base["resource_changes"] = [change for copy in copies for change in copy["resource_changes"]]
    return json.dumps(base).encode()


def _copy(base: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Return the plan with every address in a module of its own, and every name of its own."""
    module = f"module.copy{number:05}"
    text = json.dumps(base).replace(NAME, f"{NAME}{number:05}-").replace('"address": "', f'"address": "{module}.')
    for right, wrong in BROKEN.items() if number % EVERY == 0 else ():
        text = text.replace(right, wrong)
    copy: dict[str, Any] = json.loads(text)
    copy["planned_values"]["root_module"]["address"] = module
    return copy


def slim(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a real plan what a gate reads: planned values, and of changes the actions and what is unknown."""
    kept = ("format_version", "terraform_version", "variables", "planned_values", "complete", "errored", "applyable")
    changes = [
        {
            **{key: change[key] for key in ("address", "mode", "type", "name", "provider_name")},
            "change": {key: change["change"].get(key) for key in ("actions", "after_unknown")} | EMPTY,
        }
        for change in plan["resource_changes"]
        if change["mode"] == "managed"
    ]
    return {**{key: plan[key] for key in kept if key in plan}, "resource_changes": changes}
