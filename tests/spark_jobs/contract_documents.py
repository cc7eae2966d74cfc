"""contracts.json as a release carries it, made from the tenant's ODCS files, so that these tests need no renderer."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FOLDER = Path(__file__).parents[2] / "tenants" / "annuity" / "contracts"


def documents() -> dict[str, Any]:
    """Return {name: contract} for every contract of the annuity tenant."""
    loaded = (YAML(typ="safe").load(path.read_text()) for path in sorted(FOLDER.glob("*.odcs.yaml")))
    return {document["name"]: contract_document(document) for document in loaded}


def contract_document(odcs: dict[str, Any]) -> dict[str, Any]:
    schema = odcs["schema"][0]
    columns = [_column(entry) for entry in schema["properties"]]
    keyed = sorted((entry["primaryKeyPosition"], entry["name"]) for entry in schema["properties"] if entry.get("primaryKey"))
    rules = [_rule(None, rule) for rule in schema.get("quality", [])]
    for entry in schema["properties"]:
        options = entry.get("logicalTypeOptions", {})
        if options:
            bounds = {f"at_{side}": str(options[key]) for side, key in (("least", "minimum"), ("most", "maximum")) if key in options}
            rules.append({**_EMPTY, "metric": "invalidValues", "column": entry["name"], **bounds})
        rules += [_rule(entry["name"], rule) for rule in entry.get("quality", [])]
    shape = [[column["name"], column["type"], column["nullable"]] for column in columns]
    return {
        "name": odcs["name"],
        "version": odcs["version"],
        "description": odcs["description"]["purpose"],
        "columns": columns,
        "primary_key": [name for _, name in keyed],
        "quality": rules,
        "schema_sha256": hashlib.sha256(json.dumps(shape, separators=(",", ":")).encode()).hexdigest(),
    }


_EMPTY: dict[str, Any] = {
    "metric": "", "column": None, "valid_values": [], "at_least": None, "at_most": None, "minimum": None, "maximum": 0,
    "description": "",
}  # fmt: skip


def _column(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": entry["name"],
        "type": entry["physicalType"],
        "nullable": not entry["required"],
        "primary_key": entry.get("primaryKey", False),
        "unique": entry.get("unique", False),
        "description": entry["description"],
    }


def _rule(column: str | None, rule: dict[str, Any]) -> dict[str, Any]:
    made = {**_EMPTY, "metric": rule["metric"], "column": column}
    if "arguments" in rule:
        made["valid_values"] = rule["arguments"]["validValues"]
    if "mustBeGreaterThan" in rule:
        made |= {"minimum": rule["mustBeGreaterThan"] + 1, "maximum": None}
    return made
