"""What is known of a file that has mistakes of shape, so that the rest is judged in the same run.

Decides what a mistake makes unknown. Nothing stands in for it: who judges names the fields that he reads, and judges
only what is known. It must not know what is judged (`environment.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from generator.errors import SpecError, SpecErrors
from generator.spec.document import Document
from generator.spec.validation import validate
from generator.spec.yaml_tree import Location, dotted

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Readable(Generic[Model]):
    """A model as far as it could be read.

    Attributes:
        spec: the model; a required field that could not be read is absent from it.
        unknown: dotted fields that were reported, or that a reported key may have been meant for.
    """

    spec: Model
    unknown: frozenset[str] = frozenset()

    def knows(self, *fields: str) -> bool:
        """Return whether all of these dotted fields were read, with everything below them."""
        return not any(lies_in(field, gap) or lies_in(gap, field) for field in fields for gap in self.unknown)


def lies_in(field: str, outer: str) -> bool:
    """Return whether a field is another or lies below it; everything lies in the file, which has no field."""
    return field == outer or not outer or field.startswith((f"{outer}.", f"{outer}["))


def read_as(document: Document, model: type[Model]) -> tuple[Readable[Model], list[SpecError]]:
    """Return what is known of a document, and every mistake of its shape."""
    try:
        return Readable(validate(document, model)), []
    except SpecErrors as error:
        values = document.root.plain()
        values = values if isinstance(values, dict) else {}
        unknown = {*(mistake.field for mistake in error.errors), *map(dotted, _perhaps_meant(model, values))}
        return Readable(_known(model, values), frozenset(unknown)), list(error.errors)


def _known(model: type[Model], values: Mapping[str, Any]) -> Model:
    known: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        below = _model(field.annotation)
        if below and isinstance(values.get(name), dict):
            known[name] = _known(below, values[name])
        elif not below and name in values:
            kind: TypeAdapter[object] = TypeAdapter(field.rebuild_annotation(), config=ConfigDict(strict=True))
            try:
                known[name] = kind.validate_json(json.dumps(values[name]))
            except ValidationError:
                continue  # `validate` has reported it
    return model.model_construct(**known)


def _perhaps_meant(model: type[BaseModel], values: Mapping[str, Any], above: Location = ()) -> Iterator[Location]:
    """Yield the fields that are absent beside a key that nobody knows: they may be there under a wrong name."""
    has_unknown_keys = not values.keys() <= model.model_fields.keys()
    for name, field in model.model_fields.items():
        below = _model(field.annotation)
        if has_unknown_keys and name not in values:
            yield (*above, name)
        elif below and isinstance(values.get(name), dict):
            yield from _perhaps_meant(below, values[name], (*above, name))


def _model(annotation: Any) -> type[BaseModel] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
