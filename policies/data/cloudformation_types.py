"""Approved CloudFormation types and what each is in Terraform's words (cloudformation_types.yaml)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from policies.data import FOLDER, read
from policies.errors import RegisterBroken

KEYS = {"stateful", "snapshot", "arn", "ref", "makes", "also"}
PART_KEYS = {"type", "when", "for_each", "values", "with"}


@dataclass(frozen=True)
class Part:
    """One Terraform resource that a type makes.

    Attributes:
        when: property without which it is not made; empty when it always is.
        for_each: list property, one resource for each item; empty when there is one.
        values: `{attribute: how}`.
    """

    type: str
    values: Mapping[str, Any]
    when: str = ""
    for_each: str = ""


@dataclass(frozen=True)
class Mapped:
    """One approved CloudFormation type; the attributes are those of the data file."""

    name: str
    makes: tuple[Part, ...]
    is_stateful: bool
    can_snapshot: bool
    arn: str
    ref: str
    properties: frozenset[tuple[str, ...]]


@cache
def types() -> Mapping[str, Mapped]:
    """Return `{CloudFormation type: mapping}`.

    Raises:
        RegisterBroken: an entry has a key too many, or makes nothing.
    """
    return {name: _mapped(name, entry) for name, entry in read("cloudformation_types")["types"].items()}


@cache
def types_of(terraform_type: str) -> tuple[str, ...]:
    """Return the CloudFormation types that make a Terraform type."""
    return tuple(name for name, mapped in types().items() if any(part.type == terraform_type for part in mapped.makes))


def _mapped(name: str, entry: Any) -> Mapped:
    if not isinstance(entry, dict) or entry.keys() - KEYS or not entry.get("makes"):
        raise RegisterBroken(f"{FOLDER}/cloudformation_types.yaml: {name} makes nothing, or has an unknown key")
    parts = tuple(_part(name, item) for item in entry["makes"])
    also = {tuple(path.split(".")) for path in entry.get("also", [])}
    read_ = {path for part in parts for path in _paths(part)}
    return Mapped(
        name,
        parts,
        bool(entry.get("stateful")),
        bool(entry.get("snapshot")),
        entry.get("arn", ""),
        entry.get("ref", ""),
        frozenset(read_ | also),
    )


def _part(name: str, item: Any) -> Part:
    if not isinstance(item, dict) or item.keys() - PART_KEYS or not item.get("type") or not item.get("values"):
        raise RegisterBroken(f"{FOLDER}/cloudformation_types.yaml: {name}: a part lacks type or values: {item!r}")
    values = {**item["values"], **item.get("with", {})}
    return Part(item["type"], values, item.get("when", ""), item.get("for_each", ""))


def _paths(part: Part) -> Iterator[tuple[str, ...]]:
    """Yield the path of every property that a part reads."""
    each = tuple(part.for_each.split(".")) if part.for_each else ()
    if each:
        yield from [each] if any(isinstance(how, dict) and "item" in how for how in part.values.values()) else []
    for how in part.values.values():
        yield from _read_by(how, each)


def _read_by(how: Any, prefix: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(how, str):
        yield tuple(how[1:].split(".")) if how.startswith("/") else (*prefix, *how.split("."))
    elif "tags" in how:
        yield (*prefix, *how["tags"].split("."))
    elif "values" in how:
        path = how.get("block") or how.get("blocks")
        inner = prefix if path == "." else (*prefix, *path.split("."))
        for nested in how["values"].values():
            yield from _read_by(nested, inner)
