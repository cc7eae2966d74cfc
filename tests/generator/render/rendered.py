"""Parts of a rendered tree, as tests ask for them."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any

from generator.render import Tree


def tenant_files(tree: Tree, suffix: str, environment: str = "prod") -> dict[str, str]:
    """Return {path below the tenant's folder: text} of files with a suffix."""
    folder = PurePosixPath(f"environments/{environment}/rendered/claims")
    return {
        str(path.relative_to(folder)): text
        for path, text in tree.items()
        if path.is_relative_to(folder) and path.suffix == suffix
    }


def job_flow(tree: Tree) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(tenant_files(tree, ".json")["dag/job_flow.json"])
    return document
