"""Dated facts that controls judge by, each with its source and the day it was looked up; read once, strictly."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from policies import strict_yaml
from policies.errors import RegisterBroken

FOLDER = Path(__file__).parent


@cache
def read(name: str) -> Mapping[str, Any]:
    """Return the mapping of `policies/data/<name>.yaml`. Callers do not change it.

    Raises:
        RegisterBroken: the file is missing, is not strict YAML, or does not say its `source`.
    """
    path = FOLDER / f"{name}.yaml"
    facts = strict_yaml.read(path)
    if not facts.get("source"):
        raise RegisterBroken(f"{path}: does not say its source", fix="add `source:` and `read_on:`")
    return facts
