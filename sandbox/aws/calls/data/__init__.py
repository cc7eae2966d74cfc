"""How requests are named in IAM, as data with its sources: calls.yaml, and the actions that AWS has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Known:
    """The tables of calls.yaml, and for each service its actions.

    Attributes:
        on: `{service: actions that AWS judges on a resource}`.
        off: `{service: actions that AWS judges on "*" alone}`.
    """

    prefixes: Mapping[str, str]
    paths: Mapping[str, str]
    actions: Mapping[str, Mapping[str, str]]
    free: Mapping[str, list[str]]
    resources: Mapping[str, list[Mapping[str, Any]]]
    passes: Mapping[str, Mapping[str, str]]
    tagging: Mapping[str, str]
    also: Mapping[str, list[Mapping[str, Any]]]
    keys: Mapping[str, list[tuple[str, str, list[str]]]]
    secrets: Mapping[str, list[str]]
    catalog: Mapping[str, list[str]]
    on: Mapping[str, frozenset[str]]
    off: Mapping[str, frozenset[str]]


@cache
def known() -> Known:
    """Return the tables; read once."""
    tables = yaml.safe_load((HERE / "calls.yaml").read_text(encoding="utf-8"))
    services = json.loads((HERE / "iam_actions.json").read_text(encoding="utf-8"))["services"]
    on, off = ({name: frozenset(kinds[kind].split()) for name, kinds in services.items()} for kind in ("on", "off"))
    return Known(**tables, on=on, off=off)
