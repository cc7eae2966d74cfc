"""Paths of keys in a document: which of them no list names.

A list of objects is read through, `Fleets.Name` is the name of each; what stands below a named path is its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

Path = tuple[str, ...]


def unknown_paths(known: Set[Path], values: Mapping[str, Any], path: Path = ()) -> Iterator[str]:
    """Yield the dotted path of each key that `known` neither holds nor leads through."""
    for key, value in values.items():
        here = (*path, key)
        if here in known:
            continue
        if not any(other[: len(here)] == here for other in known):
            yield ".".join(here)
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Mapping):
                yield from unknown_paths(known, item, here)


def listed(keys: Mapping[str, str]) -> frozenset[Path]:
    """Return the paths of `{path of an object: its keys}`; the document's own path is empty."""
    return frozenset(
        (*(where.split(".") if where else ()), key) for where, names in keys.items() for key in names.split()
    )
