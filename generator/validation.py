"""A document checked against a model, and pydantic's findings put into words with their places.

Decides how a mistake of shape reads. Works on JSON, whose strict mode takes a list for a tuple and text for an enum and
still refuses "1" for 1. It must not know about other files (`tenant.py`).
"""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from generator.document import Document
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
from generator.model_keys import describe, keys_at
from generator.shapes import SHAPES
from generator.yaml_tree import Location

Model = TypeVar("Model", bound=BaseModel)

TYPES = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
}
BOUNDS = {
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "string_too_short": "at least {min_length} character(s)",
    "string_too_long": "at most {max_length} characters",
    "too_short": "at least {min_length} entry(s)",
    "too_long": "at most {max_length} entries",
}
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
        raise SpecErrors([*document.problems, *(_explain(document, model, detail) for detail in details)]) from error
    if document.problems:
        raise SpecErrors(document.problems)
    return valid


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
    return WrongValue(
        document.at(location, key=True),
        f"{shown(name)} cannot be a name here",
        value=name,
        expected=_expected(detail),
        why="the name becomes part of names in the cloud, in SQL and in Python",
        fix="rename it, wherever it is used",
    )


def _unknown_key(document: Document, model: type[BaseModel], location: Location) -> SpecError:
    name = str(location[-1])
    names = keys_at(model, location[:-1])
    meant = nearest(name, names)
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
    parent = document.node(location[:-1])
    written = (parent.keys if parent else {}).keys() - keys_at(model, location[:-1])
    near = nearest(name, written)
    return MissingKey(
        document.at(location),
        f"key {name!r} is missing" + (f"; {near!r} may have been meant for it" if near else ""),
        expected=describe(model, location) or f"a value for {name}",
        why="it has no default: only the team can know it",
        fix=f"add {name}: to this mapping",
    )


def _wrong_value(document: Document, model: type[BaseModel], location: Location, detail: ErrorDetails) -> SpecError:
    context: dict[str, Any] = detail.get("ctx", {})
    node = document.node(location)
    value = node.plain() if node else None
    quoted = _shown_node(value)
    if detail["type"] == "sluice":
        return KINDS.get(context["kind"], WrongValue)(
            document.at(location),
            str(context["problem"]).replace("{value}", quoted),
            value=value,
            expected=context["expected"],
            why=context["why"],
            fix=context["fix"],
        )
    written = node.text if node and not isinstance(node.value, (dict, list)) else ""
    return WrongValue(
        document.at(location),
        f"{quoted} is not {_expected_short(detail)}",
        value=value,
        expected=_expected(detail),
        why=describe(model, location) or "what is built from it takes nothing else",
        fix=_fix(detail, value, written),
    )


def _shown_node(value: object) -> str:
    """Quote a scalar; say of a list or mapping only that it is one."""
    if isinstance(value, (dict, list)):
        kind = "mapping" if isinstance(value, dict) else "list"
        return f"a {kind} of {len(value)}" if value else f"an empty {kind}"
    return "an empty value" if value is None else shown(value)


def _expected(detail: ErrorDetails) -> str:
    context: dict[str, Any] = detail.get("ctx", {})
    kind = detail["type"]
    if kind == "string_pattern_mismatch":
        return SHAPES.get(context["pattern"], f"text that matches {context['pattern']}")
    if kind in {"literal_error", "enum"}:
        return f"one of {str(context['expected']).replace(' or ', ', ')}"
    if kind in BOUNDS:
        return BOUNDS[kind].format(**context)
    return TYPES.get(kind, detail["msg"])


def _expected_short(detail: ErrorDetails) -> str:
    kind = detail["type"]
    if kind in TYPES:
        return TYPES[kind]
    return {"literal_error": "one of the allowed values", "enum": "one of the allowed values"}.get(
        kind, "within its bounds" if kind in BOUNDS else "of the right form"
    )


def _fix(detail: ErrorDetails, value: object, written: str) -> str:
    kind = detail["type"]
    if kind == "string_type" and isinstance(value, (int, float)):
        return f'quote it: "{written}"'
    if kind in {"int_type", "float_type"} and isinstance(value, str) and value.replace(".", "", 1).isdigit():
        return f"write {value} without quotes"
    if kind == "bool_type" and str(value).lower() in {"yes", "on", "1", "no", "off", "0"}:
        return f"write {'true' if str(value).lower() in {'yes', 'on', '1'} else 'false'}"
    if kind in {"tuple_type", "list_type"} and isinstance(value, str):
        return f"put it in brackets: [{value}]"
    if kind in {"literal_error", "enum"} and isinstance(value, str):
        options = [option.strip(" '") for option in str(detail.get("ctx", {}).get("expected", "")).split(",")]
        options += [part.strip(" '") for option in options for part in option.split(" or ")]
        meant = nearest(value.lower(), options)
        if meant:
            return f"write {meant}"
    return f"write {_expected(detail)}"
