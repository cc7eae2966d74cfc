"""What is left of a tenant's spec when its mistakes of shape are taken out, so that the rest is judged in the same run.

Decides what a mistake takes with it. It must not know what is judged then (`graph.py`, `tenant.py`, `tenant_files.py`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from generator.errors import (
    DuplicateKey,
    MissingFile,
    NothingToRead,
    NotPublished,
    SpecError,
    UnknownDataset,
    UnknownKey,
    UnusedFile,
    YamlSyntax,
    nearest,
)
from generator.model import TenantSpec
from generator.spec.document import Document
from generator.spec.readable import lies_in
from generator.spec.yaml_tree import Location, dotted

ROUNDS = 6
"""What is taken out can leave its mapping incomplete, which then goes too; a spec is three mappings deep."""

UNREAD = "unread_"
"""Beginning of the names that stand where a list's entry could not be read, so that the others keep their places."""

NAMING = ("sources", "jobs", "reports", "publishes", "warehouse")
"""Parts of a spec that give names to others."""

FILE_KEYS = ("contract", "entrypoint")
"""Keys that name a file in the place of the usual one."""

FOLLOW_FROM_NAMES = (UnknownDataset, NotPublished, UnusedFile, NothingToRead)
"""Mistakes that may come only from a name that was taken out."""


@dataclass(frozen=True)
class Remainder:
    """A spec without its mistakes of shape.

    Attributes:
        has_all_names: whether every name that it gives is still there.
        doubtful: dotted mappings in which the key of a file may have been taken out.
    """

    spec: TenantSpec
    has_all_names: bool
    doubtful: frozenset[str]

    def own(self, errors: list[SpecError]) -> list[SpecError]:
        """Return those of the mistakes found in the remainder that people made, not the taking out."""
        return [
            error
            for error in errors
            if not str(error.value).startswith(UNREAD)
            and (self.has_all_names or not isinstance(error, FOLLOW_FROM_NAMES))
            and not (isinstance(error, MissingFile) and error.field in self.doubtful)
        ]


def remainder(document: Document, folder: str, errors: Collection[SpecError]) -> Remainder | None:
    """Return what can be judged of a spec with these mistakes of shape, None when too little is left."""
    data = document.root.plain()
    if not isinstance(data, dict):
        return None
    for _ in range(ROUNDS):
        try:
            spec = TenantSpec.model_validate_json(json.dumps(data))
        except ValidationError as error:
            for number, detail in enumerate(error.errors(include_url=False, include_input=False)):
                _take_out(data, detail, folder, number)
        else:
            doubtful = frozenset(_doubtful(errors))
            return Remainder(spec, _has_all_names(document, spec, errors, doubtful), doubtful)
    return None


def _take_out(data: dict[str, Any], detail: ErrorDetails, folder: str, number: int) -> None:
    """Remove the value that a finding is about; what is missing at the top gets a value that says nothing."""
    location: Location = tuple(part for part in detail["loc"] if part != "[key]")
    if detail["type"] == "missing":
        if len(location) == 1:
            data.setdefault(str(location[0]), _stand_in(str(location[0]), data, folder))
            return
        location = location[:-1]
    holder: Any = data
    for part in location[:-1]:
        try:
            holder = holder[part]
        except (KeyError, IndexError, TypeError):
            return  # an earlier finding took it out with its mapping
    if isinstance(holder, list):
        holder[int(location[-1])] = f"{UNREAD}{number}"
    elif location:
        holder.pop(location[-1], None)


def _stand_in(key: str, data: dict[str, Any], folder: str) -> Any:
    if key == "publishes":
        jobs = data.get("jobs")
        return [name for job in jobs.values() for name in job.get("writes", [])] if isinstance(jobs, dict) else []
    return {"tenant": folder, "owner": "nobody@example.com"}.get(key, "none")


def _doubtful(errors: Collection[SpecError]) -> Iterator[str]:
    """Yield where the name of a file may be lost: in a mapping with an unknown or repeated key, or with such a name."""
    for error in errors:
        if isinstance(error, UnknownKey | DuplicateKey):
            yield _parent(error.field, str(error.value))
        for key in FILE_KEYS:
            if error.field.endswith(f".{key}"):
                yield from (error.field, _parent(error.field, key))


def _parent(field: str, key: str) -> str:
    """Return the dotted mapping in which a key stands; it is empty for the whole file."""
    return field.removesuffix(dotted(("x", key))[1:]) if field != dotted((key,)) else ""


def _has_all_names(
    document: Document, spec: TenantSpec, errors: Collection[SpecError], doubtful: Collection[str]
) -> bool:
    kept: dict[str, Mapping[str, object]] = {"sources": spec.sources, "jobs": spec.jobs, "reports": spec.reports}
    written = {key: node.keys.keys() for key in kept if (node := document.node((key,)))}
    is_unread = any(name.startswith(UNREAD) for name in (*spec.datasets, *spec.publishes))
    if is_unread or any(_hides_names(document, error) for error in errors):
        return False
    if any(lies_in(mapping, "sources") for mapping in doubtful if mapping):
        return False  # which contract a source has is not known
    return all(names <= kept[key].keys() for key, names in written.items())


def _hides_names(document: Document, error: SpecError) -> bool:
    if isinstance(error, DuplicateKey):
        return any(lies_in(error.field, name) for name in NAMING)
    if isinstance(error, UnknownKey) and not _parent(error.field, str(error.value)):
        absent = TenantSpec.model_fields.keys() - document.root.keys.keys()
        return bool(absent & {*NAMING}) and nearest(str(error.value), absent) in {None, *NAMING}
    return isinstance(error, YamlSyntax) or error.field in NAMING
