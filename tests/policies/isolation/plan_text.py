"""Writes an estate's stacks as Terraform would show their plans, for what reads plans from files."""

from __future__ import annotations

import json
from pathlib import Path

from tests.policies.isolation.estate import Estate


def write_plans(estate: Estate, folder: Path) -> None:
    """Write `<folder>/<environment>/<stack>.json` for every stack."""
    for stack in estate.stacks:
        path = folder / estate.environment / f"{stack}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(_document(estate, stack)), encoding="utf-8")


def _document(estate: Estate, stack: str) -> dict[str, object]:
    planned, changes = [], []
    for address, item in estate.stacks[stack].items():
        name = address.rsplit(".", 1)[-1].partition("[")[0]
        where = {"address": address, "mode": "managed", "type": item["type"], "name": name}
        provider = {"provider_name": "registry.terraform.io/hashicorp/aws"}
        planned.append({**where, **provider, "schema_version": 0, "values": item["values"]})
        change = {"actions": ["no-op"], "before": item["values"], "after": item["values"], "after_unknown": {}}
        changes.append({**where, **provider, "change": change})
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "variables": {"name": {"value": f"meridian-{estate.environment}-{stack}"}},
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": changes,
        "configuration": {"root_module": {}},
        "complete": True,
        "errored": False,
    }
