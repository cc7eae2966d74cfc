"""The actions of IAM by the kind of thing they act on, and which of them a statement covers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from policies import globs
from policies.documents import Statement

DATA = Path(__file__).parent / "data" / "iam_actions.json"


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return table


@cache
def of_kind(kind: str) -> tuple[str, ...]:
    """Return the actions on a kind of thing, as AWS writes them; those that tell most about a leak come first."""
    return tuple(_table()["kinds"][kind]["actions"])


@cache
def service_of(kind: str) -> str:
    service: str = _table()["kinds"][kind]["service"]
    return service


@cache
def at_level(kind: str, *levels: str) -> tuple[str, ...]:
    """Return the actions of some access levels: Read, List, Write, Tagging, Permissions management."""
    return tuple(action for action, level in _table()["kinds"][kind]["actions"].items() if level in levels)


@cache
def known(service: str) -> frozenset[str]:
    """Return every action of a service that the table knows, in lower case."""
    kinds = (kind["actions"] for kind in _table()["kinds"].values() if kind["service"] == service)
    return frozenset(action.lower() for actions in (*kinds, _table()["other_actions"][service]) for action in actions)


def covered(statement: Statement, actions: Iterable[str]) -> tuple[str, ...]:
    """Return those of `actions` that the statement speaks about, in their order."""
    return _covered(statement.actions, statement.not_actions, tuple(actions))


@lru_cache(maxsize=65536)
def _covered(positive: tuple[str, ...], negative: tuple[str, ...], actions: tuple[str, ...]) -> tuple[str, ...]:
    statement = Statement("Allow", positive, negative)
    return tuple(action for action in actions if statement.covers_action(action))


@lru_cache(maxsize=65536)
def unknown_literals(patterns: tuple[str, ...], service: str) -> tuple[str, ...]:
    """Return the actions of a service that are written out but not in the table: newer than it, or mistyped."""
    return tuple(
        pattern
        for pattern in patterns
        if globs.is_literal(pattern) and pattern.startswith(f"{service}:") and pattern not in known(service)
    )


@lru_cache(maxsize=65536)
def speaks_about(patterns: tuple[str, ...], negative: tuple[str, ...], service: str) -> bool:
    """Tell whether a statement with these actions can cover any action of a service."""
    return bool(negative) or any(globs.overlap(pattern, f"{service}:*") for pattern in patterns)
