"""Pydantic's findings in words: what was expected, why, and how to mend it.

Decides how each kind of mistake reads. It must not know documents or places (`validation.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails

from generator.errors import nearest
from generator.model.shapes import SHAPES

MOMENT = "a time with its offset, as 2026-12-24T18:00:00+01:00"
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
    "date_type": "a day, as 2026-10-31",
    "date_parsing": "a day, as 2026-10-31",
    "date_from_datetime_parsing": "a day, as 2026-10-31",
    "datetime_type": MOMENT,
    "datetime_parsing": MOMENT,
    "datetime_from_date_parsing": MOMENT,
    "timezone_aware": MOMENT,
}
BOUNDS = {
    "greater_than_equal": ("at least {ge}", ""),
    "less_than_equal": ("at most {le}", ""),
    "string_too_short": ("at least {min_length}", "character"),
    "string_too_long": ("at most {max_length}", "character"),
    "too_short": ("at least {min_length}", "entry"),
    "too_long": ("at most {max_length}", "entry"),
}
PLURALS = {"": "", "character": "characters", "entry": "entries"}
TRUE_WORDS, FALSE_WORDS = {"yes", "on", "1", "y"}, {"no", "off", "0", "n"}
MAPPING = TYPES["model_type"]


@dataclass(frozen=True)
class Form:
    """What is to stand where the mistake is: text of a pattern, or a mapping of certain keys; either may be empty."""

    pattern: str = ""
    keys: Collection[str] = ()

    def refuses(self, text: str) -> bool:
        """Return whether text would be of the wrong form even in quotes."""
        return bool(self.pattern) and re.fullmatch(self.pattern, text) is None


def expected(detail: ErrorDetails, written: str = "", form: Form = Form()) -> str:
    """Return what was expected, as a closed set where there is one.

    Args:
        written: the scalar as it stands in the file.
    """
    kind, context = detail["type"], _context(detail)
    if kind == "string_type" and form.refuses(written):
        return SHAPES.get(form.pattern, f"text that matches {form.pattern}")
    if TYPES.get(kind) == MAPPING and form.keys:
        return f"{MAPPING}: {', '.join(sorted(form.keys))}"
    if kind == "string_pattern_mismatch":
        return SHAPES.get(context["pattern"], f"text that matches {context['pattern']}")
    if kind in {"literal_error", "enum"}:
        options = _options(detail)
        return options[0] if len(options) == 1 else f"one of {', '.join(options)}"
    if kind in BOUNDS:
        text, unit = BOUNDS[kind]
        bound = text.format(**context)
        return f"{bound} {unit if bound.endswith(' 1') else PLURALS[unit]}".rstrip()
    return TYPES.get(kind, detail["msg"])


def wrong(detail: ErrorDetails) -> str:
    """Return what the value is not."""
    kind = detail["type"]
    if kind in TYPES:
        return TYPES[kind]
    if kind in {"literal_error", "enum"}:
        return "one of the allowed values"
    return "within its bounds" if kind in BOUNDS else "of the right form"


def why(detail: ErrorDetails) -> str:
    """Return why nothing else will do."""
    kind = detail["type"]
    if kind in TYPES:
        return 'nothing is converted silently: 1, "1" and true are three different values'
    if kind in {"literal_error", "enum"}:
        return "only these are known to do something"
    if kind in BOUNDS:
        return "outside these bounds it could not be kept"
    return "what is made from it, in the cloud, in SQL or in Python, takes no other form"


def fix(detail: ErrorDetails, value: object, written: str, form: Form) -> str:
    """Return how to mend a value, with the value that was probably meant where one can be told.

    Args:
        value: the value as read.
        written: the scalar as it stands in the file, without quotes; empty for a list or mapping.
    """
    if TYPES.get(detail["type"]) == MAPPING and form.keys:
        return "write its keys below it, each with its value"
    meant = None if detail["type"] == "string_type" and form.refuses(written) else _meant(detail, value, written)
    if meant:
        return meant
    verb = "change it to" if detail["type"] == "string_pattern_mismatch" else "write"
    return f"{verb} {expected(detail, written, form)}"


def suggestion(value: str, pattern: str) -> str | None:
    """Return the nearest name of a form, when case or joints are all that is wrong with `value`."""
    words = re.findall("[a-z0-9]+", value.lower(), re.ASCII)
    names = ("_".join(words), "-".join(words))
    return next((name for name in names if re.fullmatch(pattern, name)), None)


def _meant(detail: ErrorDetails, value: object, written: str) -> str | None:
    kind, text = detail["type"], str(value).lower()
    if kind == "string_type" and isinstance(value, bool | int | float):
        return f'quote it: "{written}"'
    if kind in {"int_type", "float_type"} and isinstance(value, str) and re.fullmatch(r"[0-9]+([.][0-9]+)?", value):
        return f"write {value} without quotes" if kind == "float_type" or value.isdigit() else None
    if kind == "bool_type" and text in TRUE_WORDS | FALSE_WORDS:
        return "write true" if text in TRUE_WORDS else "write false"
    if kind in {"tuple_type", "list_type"} and isinstance(value, str):
        return f"put it in brackets: [{value}]"
    if isinstance(value, str):
        name = None
        if kind in {"literal_error", "enum"}:
            name = nearest(text, _options(detail))
        elif kind == "string_pattern_mismatch":
            name = suggestion(value, _context(detail)["pattern"])
        return f"write {name}" if name else None
    return None


def _options(detail: ErrorDetails) -> list[str]:
    """Return the closed set of a literal or an enum; pydantic gives it as text, 'a', 'b' or 'c'."""
    return [option.strip().strip("'") for option in re.split(r", | or ", str(_context(detail)["expected"]))]


def _context(detail: ErrorDetails) -> dict[str, Any]:
    return detail.get("ctx", {})
