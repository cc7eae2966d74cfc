"""What is left of a spec when its mistakes of shape are taken out, so that the rest is judged in the same run.

Decides what a mistake takes with it. It must not know what is judged then (`graph.py`, `tenant.py`, `tenant_files.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from generator.errors import NotPublished, SpecError, UnknownDataset, UnusedFile
from generator.model import TenantSpec
from generator.spec.document import Document
from generator.spec.yaml_tree import Location

ROUNDS = 6
"""What is taken out can leave its mapping incomplete, which then goes too; a spec is three mappings deep."""

UNREAD = "unread_"
"""Beginning of the names that stand where a list's entry could not be read, so that the others keep their places."""

FOLLOW_FROM_NAMES = (UnknownDataset, NotPublished, UnusedFile)
"""Mistakes that may come only from a name that was taken out."""


@dataclass(frozen=True)
class Remainder:
    """A spec without its mistakes of shape, and whether every name that it gives is still there."""

    spec: TenantSpec
    has_all_names: bool

    def own(self, errors: list[SpecError]) -> list[SpecError]:
        """Return those of the mistakes found in the remainder that people made, not the taking out."""
        return [
            error
            for error in errors
            if not str(error.value).startswith(UNREAD)
            and (self.has_all_names or not isinstance(error, FOLLOW_FROM_NAMES))
        ]


def remainder(document: Document, folder: str) -> Remainder | None:
    """Return what can be judged of a spec that has mistakes of shape, None when too little is left."""
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
            return Remainder(spec, _has_all_names(document, spec))
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


def _has_all_names(document: Document, spec: TenantSpec) -> bool:
    kept: dict[str, Mapping[str, object]] = {"sources": spec.sources, "jobs": spec.jobs, "reports": spec.reports}
    written = {key: node.keys.keys() for key in kept if (node := document.node((key,)))}
    is_unread = any(name.startswith(UNREAD) for name in (*spec.datasets, *spec.publishes))
    return not is_unread and all(names <= kept[key].keys() for key, names in written.items())
