"""MANIFEST.json: what a stack's rendered files were made from, and what they were.

Decides how origin is recorded: hashes of inputs, templates and outputs. Inputs are hashed as they were understood, so a
comment in a spec changes no rendered file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from pydantic import BaseModel

from generator.model import PLATFORM, EnvironmentSpec, Tenant
from generator.render.escape import json_document

MANIFEST = "MANIFEST.json"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Origin:
    """Where a stack's files come from: {input: SHA-256}, {template: SHA-256}."""

    stack: str
    environment: str
    inputs: Mapping[str, str]
    templates: Mapping[str, str]

    @classmethod
    def of_tenant(cls, tenant: Tenant, environment: EnvironmentSpec, templates: Mapping[str, str]) -> Origin:
        inputs = {
            "environment": _hash_of_environment(environment),
            "spec": _hash(tenant.spec),
            "code": tenant.code_sha256,
        }
        inputs |= {f"contracts/{name}": _hash(contract) for name, contract in tenant.contracts.items()}
        inputs |= {f"reports/{name}": sha256(sql) for name, sql in tenant.report_sql.items()}
        return cls(tenant.spec.tenant, environment.environment, inputs, templates)

    @classmethod
    def of_platform(cls, environment: EnvironmentSpec, templates: Mapping[str, str]) -> Origin:
        return cls(PLATFORM, environment.environment, {"environment": _hash_of_environment(environment)}, templates)


def manifest_text(origin: Origin, files: Mapping[str, str]) -> str:
    """Return the text of MANIFEST.json.

    Args:
        files: {path below the stack's folder: text}, without the manifest.
    """
    return json_document(
        {
            "rendered_by": "sluice render",
            "stack": origin.stack,
            "environment": origin.environment,
            "inputs": dict(sorted(origin.inputs.items())),
            "templates": dict(sorted(origin.templates.items())),
            "outputs": {path: sha256(text) for path, text in sorted(files.items())},
        }
    )


def recorded_outputs(text: str) -> dict[PurePosixPath, str]:
    """Return {path below the stack's folder: SHA-256} as a manifest recorded it.

    Nothing for a manifest that cannot be read: then no file counts as ours, and none is overwritten.
    """
    try:
        outputs = json.loads(text)["outputs"]
        return {PurePosixPath(path): str(digest) for path, digest in outputs.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _hash_of_environment(environment: EnvironmentSpec) -> str:
    """Return the digest of what files are rendered from: who approves, or when, makes no other release."""
    return _hash(environment, without={"delivery"})


def _hash(model: BaseModel, without: set[str] | None = None) -> str:
    return sha256(json.dumps(model.model_dump(mode="json", exclude=without), sort_keys=True))
