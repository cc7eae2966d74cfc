"""How a value becomes text of another language without ever becoming structure.

Decides the spelling of Python literals, SQL identifiers and values, JSON and comments; each language has one function.
It must not know what the values mean. Everything it writes is ASCII, so that no look-alike or right-to-left character
can make a rendered file read differently from what it does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from generator.errors import SluiceError

Plain = str | int | bool | None | Sequence["Plain"] | Mapping[str, "Plain"]
"""Data that has a literal in Python and in JSON."""

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*\Z")
GROUP_ROLE = re.compile(r"[a-z]+:[a-z][a-z0-9-]*\Z")
SQL_TEXT = re.compile(r"[A-Za-z0-9_:/.,=@${} +-]*\Z")
"""No quote, no backslash (Redshift reads it as an escape), no semicolon, no line end."""

INDENT = "    "
FIRST_PRINTABLE, LAST_PRINTABLE = 0x20, 0x7E
NAMED_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class UnsafeSql(SluiceError):
    """A value cannot stand in SQL."""

    def __init__(self, value: str, expected: str, fix: str) -> None:
        super().__init__(f"{value!r} cannot stand in SQL\n  expected: {expected}\n  fix:      {fix}")
        self.value = value


def json_text(value: Plain) -> str:
    """Return the JSON of a value on one line."""
    return json.dumps(value)


def json_document(value: Plain) -> str:
    """Return the JSON of a whole file, indented, with a final newline."""
    return json.dumps(value, indent=2) + "\n"


def comment(text: str) -> str:
    """Return free text for a one-line comment of any language: quoted, without line ends, ASCII."""
    return json.dumps(text)


def python_text(text: str) -> str:
    """Return a string literal with the quote that a formatter would choose."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + _escape(text, quote) + quote


def python_literal(value: Plain, depth: int = 0, constants: Mapping[str, str] | None = None) -> str:
    """Return the Python literal of plain data, one element a line, as a formatter keeps it.

    Args:
        depth: indentation levels of the line on which the literal starts.
        constants: {text: name of the constant that holds it}; a string that contains such a text is written as an
            f-string around the constant's name. Only for strings of our own: never for what a tenant wrote.
    """
    if isinstance(value, str):
        return _templated(value, constants) if constants else python_text(value)
    if value is None or isinstance(value, bool | int):
        return repr(value)
    inner = INDENT * (depth + 1)
    if isinstance(value, Mapping):
        items = [f"{python_text(k)}: {python_literal(v, depth + 1, constants)}" for k, v in value.items()]
        opening, closing = "{", "}"
    else:
        items = [python_literal(element, depth + 1, constants) for element in value]
        opening, closing = "[", "]"
    if not items:
        return opening + closing
    return "\n".join([opening, *(f"{inner}{item}," for item in items), INDENT * depth + closing])


def sql_identifier(name: str) -> str:
    """Return a quoted SQL identifier, safe also when it is a reserved word.

    Raises:
        UnsafeSql: it is no lower-case name.
    """
    if not IDENTIFIER.match(name):
        raise UnsafeSql(name, "a lower-case name of letters, digits and underscores", "rename it in the contract")
    return f'"{name}"'


def sql_role(name: str) -> str:
    """Return the quoted name of a database role.

    Raises:
        UnsafeSql: it is no role that stands for a group.
    """
    if not GROUP_ROLE.match(name):
        raise UnsafeSql(name, "a namespace, a colon, and a group's lower-case name with hyphens", "rename the reader")
    return f'"{name}"'


def sql_text(text: str) -> str:
    """Return a quoted SQL string.

    Raises:
        UnsafeSql: it has a character that some dialect could take for the string's end.
    """
    if not SQL_TEXT.match(text):
        raise UnsafeSql(text, "letters, digits and _:/.,=@${} +-", "keep free text out of SQL")
    return f"'{text}'"


def _templated(text: str, constants: Mapping[str, str]) -> str:
    if text in constants:
        return constants[text]
    pieces = re.split("(" + "|".join(re.escape(key) for key in sorted(constants)) + ")", text)
    if len(pieces) == 1:
        return python_text(text)
    written = [
        f"{{{constants[piece]}}}" if piece in constants else _escape(piece, '"').replace("{", "{{").replace("}", "}}")
        for piece in pieces
    ]
    return 'f"' + "".join(written) + '"'


def _escape(text: str, quote: str) -> str:
    return "".join(_escaped_character(character, quote) for character in text)


def _escaped_character(character: str, quote: str) -> str:
    if character == quote:
        return "\\" + quote
    if character in NAMED_ESCAPES:
        return NAMED_ESCAPES[character]
    code = ord(character)
    if FIRST_PRINTABLE <= code <= LAST_PRINTABLE:
        return character
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
