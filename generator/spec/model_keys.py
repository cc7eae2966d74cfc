"""What a model says about a location: the keys allowed there and the words that describe a value.

Decides nothing; reads pydantic's fields. It must not know documents or errors.
"""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Location = tuple[str | int, ...]


def keys_at(model: type[BaseModel], location: Location) -> set[str]:
    """Return the keys that a mapping at `location` may hold, as they are written; empty when any are allowed."""
    for found in _follow(model, location):
        if _is_model(found):
            return {_written(name, field) for name, field in found.model_fields.items()}
    return set()


def describe(model: type[BaseModel], location: Location) -> str:
    """Return the first sentence that describes the field at `location`, as a clause; empty when it has none."""
    for depth in range(len(location), 0, -1):
        for parent in _follow(model, location[: depth - 1]):
            field = _field(parent, location[depth - 1]) if _is_model(parent) else None
            if field is not None:
                sentence = (field.description or "").split(". ")[0].strip().rstrip(".")
                return sentence if sentence[:2].isupper() else sentence[:1].lower() + sentence[1:]
    return ""


def form_of(model: type[BaseModel], location: Location) -> str:
    """Return the pattern of the text at `location`, empty when it has none."""
    for parent in _follow(model, location[:-1]):
        field = _field(parent, location[-1]) if _is_model(parent) else None
        for item in field.metadata if field else ():
            if pattern := getattr(item, "pattern", None):
                return str(pattern)
    return ""


def _follow(annotation: Any, location: Location) -> list[Any]:
    """Return the types that may stand at `location` below a type."""
    options = _options(annotation)
    if not location:
        return options
    part, rest = location[0], location[1:]
    found: list[Any] = []
    for option in options:
        origin, arguments = get_origin(option), get_args(option)
        if _is_model(option):
            field = _field(option, part)
            found += _follow(field.annotation, rest) if field else []
        elif origin is dict:
            found += _follow(arguments[1], rest)
        elif origin in {tuple, list}:
            found += _follow(arguments[0], rest)
    return found


def _options(annotation: Any) -> list[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _options(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        return [option for argument in get_args(annotation) for option in _options(argument)]
    return [annotation]


def _field(model: type[BaseModel], key: str | int) -> FieldInfo | None:
    return next((field for name, field in model.model_fields.items() if _written(name, field) == key), None)


def _written(name: str, field: FieldInfo) -> str:
    return field.alias or name


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
