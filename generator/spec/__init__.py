"""What people wrote, read and judged: YAML with its places in, valid models out, or every mistake at once."""

from __future__ import annotations

from generator.errors import SpecErrors
from generator.spec.project import (
    Project,
    load_environment,
    load_environments,
    load_project,
    load_tenant,
    load_tenants,
)

__all__ = [
    "Project",
    "SpecErrors",
    "load_environment",
    "load_environments",
    "load_project",
    "load_tenant",
    "load_tenants",
]
