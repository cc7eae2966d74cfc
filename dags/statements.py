"""Read rendered SQL scripts into statements, with a version's values put in their places.

Decides what may be put into SQL text: only values of a closed form. It must not know who runs the statements.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dags.compat import AirflowFailException

FORMS = {
    "version_id": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "as_of": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "location": re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[A-Za-z0-9_.=/-]+/"),
    "rows": re.compile(r"\d+"),
}
"""{placeholder: what its value must be, whole}: an alphabet without quotes, so that it stays inside its SQL literal."""

PLACEHOLDER = re.compile(r"\$\{(\w*)\}?")
LEADING_COMMENTS = re.compile(r"\A(\s*--[^\n]*(\n|\Z))+")


def read_statements(path: Path, values: Mapping[str, Any] | None = None) -> list[str]:
    """Return the statements of a script in order, without the comments before them.

    Args:
        path: statements that end in `;` at the end of a line.
        values: values of `version_id`, `as_of`, `location`, `rows`; others are ignored.

    Raises:
        AirflowFailException: a value has not the form of its placeholder, or the script has an unknown placeholder.
    """
    text = path.read_text(encoding="utf-8").rstrip() + "\n"
    statements = [LEADING_COMMENTS.sub("", part).strip() for part in text.split(";\n")]
    statements = [statement for statement in statements if statement]
    return [PLACEHOLDER.sub(lambda match: _value(path, match, values or {}), statement) for statement in statements]


def checked(name: str, value: object) -> str:
    """Return the value as text for the place `name`.

    Raises:
        AirflowFailException: it has not the form that the place needs.
    """
    text = str(value)
    if not FORMS[name].fullmatch(text):
        raise AirflowFailException(f"{name} {text!r} is not put into SQL: expected {FORMS[name].pattern}")
    return text


def _value(path: Path, match: re.Match[str], values: Mapping[str, Any]) -> str:
    name = match.group(1)
    if name not in FORMS or name not in values or not match.group(0).endswith("}"):
        raise AirflowFailException(f"{path}: unknown placeholder {match.group(0)!r}; known: {', '.join(sorted(FORMS))}")
    return checked(name, values[name])
