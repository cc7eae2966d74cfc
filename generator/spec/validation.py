"""A document checked against a model, and pydantic's findings put into words with their places.

Decides how a mistake of shape reads. Works on JSON, whose strict mode takes a list for a tuple and text for an enum and
still refuses "1" for 1. It must not know how values fit each other (`graph.py`) nor other files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from generator.errors import (
    BadSchedule,
    MissingKey,
    SpecError,
    SpecErrors,
    UnknownKey,
    WrongValue,
    nearest,
    one_of,
    shown,
)
from generator.spec import wording
from generator.spec.document import Document
from generator.spec.model_keys import describe, form_of, keys_at
from generator.spec.yaml_tree import Location

Model = TypeVar("Model", bound=BaseModel)

KINDS: dict[str, type[WrongValue]] = {"schedule": BadSchedule}


def validate(document: Document, model: type[Model]) -> Model:
    """Return the document as a `model`.

    Raises:
        SpecErrors: every mistake of shape, and `document.problems`.
    """
    text = json.dumps(document.root.plain())
    try:
        valid = model.model_validate_json(text)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        found = [_explain(document, model, detail) for detail in _without_echoes(document, model, details)]
        raise SpecErrors([*document.problems, *found]) from error
    if document.problems:
        raise SpecErrors(document.problems)
    return valid


def _without_echoes(document: Document, model: type[BaseModel], details: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Leave out what only follows from another finding: one mistake, one message.

    A key is missing because it is written wrongly beside; a list is too short because its entries have mistakes.
    """
    unknown = [detail["loc"] for detail in details if detail["type"] == "extra_forbidden"]
    renamed = {(*location[:-1], _meant_key(document, model, location)) for location in unknown}
    for detail in details:
        node = document.node(detail["loc"])
        written = len(node.value) if node and isinstance(node.value, list | dict) else 0
        is_short_by_mistakes = detail["type"] == "too_short" and written >= detail["ctx"]["min_length"]
        is_renamed = detail["type"] == "missing" and detail["loc"] in renamed
        if not is_short_by_mistakes and not is_renamed:
            yield detail


def _meant_key(document: Document, model: type[BaseModel], location: Location) -> str | None:
    """Return the key, among those that are not there, that an unknown one was probably meant for."""
    parent = document.node(location[:-1])
    return nearest(str(location[-1]), keys_at(model, location[:-1]) - (parent.keys if parent else {}).keys())


def _explain(document: Document, model: type[BaseModel], detail: ErrorDetails) -> SpecError:
    location: Location = detail["loc"]
    if location and location[-1] == "[key]":
        return _bad_key(document, location[:-1], detail)
    if detail["type"] == "extra_forbidden":
        return _unknown_key(document, model, location)
    if detail["type"] == "missing":
        return _missing_key(document, model, location)
    return _wrong_value(document, model, location, detail)


def _bad_key(document: Document, location: Location, detail: ErrorDetails) -> SpecError:
    name = str(location[-1])
    meant = wording.suggestion(name, detail.get("ctx", {}).get("pattern", "$^"))
    return WrongValue(
        document.at(location, key=True),
        f"{shown(name)} cannot be a name here",
        value=name,
        expected=wording.expected(detail),
        why="the name becomes part of names in the cloud, in SQL and in Python",
        fix=f"rename it{f' to {meant}' if meant else ''}, wherever it is used",
    )


def _unknown_key(document: Document, model: type[BaseModel], location: Location) -> SpecError:
    name = str(location[-1])
    names = keys_at(model, location[:-1])
    meant = _meant_key(document, model, location)
    return UnknownKey(
        document.at(location, key=True),
        f"key {shown(name)} is unknown" + (f", did you mean {meant!r}?" if meant else ""),
        value=name,
        expected=one_of(names),
        why="nothing reads this key, so what it asks for would silently not happen",
        fix=f"rename it to {meant}" if meant else "remove it",
    )


def _missing_key(document: Document, model: type[BaseModel], location: Location) -> SpecError:
    name = str(location[-1])
    return MissingKey(
        document.at(location),
        f"key {name!r} is missing",
        expected=describe(model, location) or f"a value for {name}",
        why="it has no default: only the team can know it",
        fix=f"add {name}: to this mapping",
    )


def _wrong_value(document: Document, model: type[BaseModel], location: Location, detail: ErrorDetails) -> SpecError:
    context: dict[str, Any] = detail.get("ctx", {})
    node = document.node(location)
    value = node.plain() if node else None
    written = node.text if node and not isinstance(node.value, (dict, list)) else ""
    quoted = written if isinstance(value, bool | int | float) else _shown_node(value)
    if detail["type"] == "sluice":
        return KINDS.get(context["kind"], WrongValue)(
            document.at(location),
            str(context["problem"]).replace("{value}", quoted),
            value=value,
            expected=context["expected"],
            why=context["why"],
            fix=context["fix"],
        )
    meaning = describe(model, location)
    form = wording.Form(form_of(model, location) if location else "", keys_at(model, location))
    return WrongValue(
        document.at(location),
        f"{quoted} is not {wording.wrong(detail)}",
        value=value,
        expected=wording.expected(detail, written, form) + (f" ({meaning})" if meaning else ""),
        why=wording.why(detail),
        fix=wording.fix(detail, value, written, form),
    )


def _shown_node(value: object) -> str:
    """Quote a scalar; say of a list or mapping only that it is one."""
    if isinstance(value, (dict, list)):
        kind = "mapping" if isinstance(value, dict) else "list"
        return f"a {kind} of {len(value)}" if value else f"an empty {kind}"
    return "an empty value" if value is None else shown(value)
