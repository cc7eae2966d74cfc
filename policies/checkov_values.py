"""From the shape in which Checkov hands a resource to its checks back to the shape of a plan's JSON.

Checkov wraps each value in a list, turns "true" into True, and puts a reference's text where a value should be: what it
cannot resolve, what is unknown, and also (see its `_add_references`) where the plan says null.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from policies.values import Unknown

REFERENCE = re.compile(
    r"^(?:\$\{.*\}|(?:var|local|module|data|each|count|path|self|terraform)\.[\w.\[\]\"*-]+|aws_\w+\.[\w.\[\]\"*-]+)$",
    re.DOTALL,
)
TRUE_AFTER_UNKNOWN = "true_after_unknown"


def plain(conf: Mapping[str, Any]) -> dict[str, Any]:
    """Return Checkov's configuration of one resource as `{attribute: value}`, unresolved references as Unknown."""
    return {key: _value(value) for key, value in conf.items() if not _is_own(key)}


def _is_own(key: str) -> bool:
    return (key.startswith("__") and key.endswith("__")) or key in ("start_line", "end_line", "references_")


def _value(value: Any) -> Any:
    if isinstance(value, list):
        if len(value) == 1 and not isinstance(value[0], Mapping):
            return _leaf(value[0])
        return [_leaf(item) for item in value]
    return _leaf(value)


def _leaf(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _value(item) for key, item in value.items() if not _is_own(key)}
    if isinstance(value, list):
        return [_leaf(item) for item in value]
    if isinstance(value, str) and (value == TRUE_AFTER_UNKNOWN or REFERENCE.match(value)):
        return Unknown(frozenset({value}))
    return value
