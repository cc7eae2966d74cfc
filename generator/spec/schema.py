"""JSON Schemas of the specs, with which editors complete and check them.

Decides nothing: the models say it all. The copies in `schemas/` are named on the first line of each spec.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from generator.model import EnvironmentSpec, TenantSpec

DIALECT = "http://json-schema.org/draft-07/schema#"
"""The dialect that YAML language servers understand; what the models use is the same in all of them."""


def tenant_schema() -> dict[str, Any]:
    """Return the JSON Schema of `tenants/<tenant>/tenant.yaml`."""
    return _schema(TenantSpec, "Sluice tenant")


def environment_schema() -> dict[str, Any]:
    """Return the JSON Schema of `environments/<environment>/environment.yaml`."""
    return _schema(EnvironmentSpec, "Sluice environment")


def schema_files() -> dict[str, str]:
    """Return {path below the repository's root: text} of the copies in the repository."""
    schemas = {"tenant": tenant_schema(), "environment": environment_schema()}
    return {f"schemas/{name}.schema.json": json.dumps(schema, indent=2) + "\n" for name, schema in schemas.items()}


def write_schemas(root: Path) -> list[Path]:
    """Write the copies that differ and return their paths relative to `root`."""
    changed = []
    for path, text in schema_files().items():
        target = root / path
        if not target.is_file() or target.read_text("utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
            changed.append(Path(path))
    return changed


def _schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    return {"$schema": DIALECT, **_closed(model.model_json_schema()), "title": title}


def _closed(schema: Any) -> Any:
    """Return the schema with every mapping whose names have a pattern closed against other names."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    return {**closed, "additionalProperties": False} if "patternProperties" in closed else closed
