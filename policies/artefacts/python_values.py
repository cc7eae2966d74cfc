"""The value of a Python expression that is a literal in all but form; nothing is ever executed.

Decides what counts as a literal in a rendered DAG: constants, containers, names bound to such, f-strings of texts, the
rendered file's own folder, and a few calls that only make a value. Everything else is no literal.
"""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

LONGEST_TEXT = 65536
"""Characters; constants that double each other would fill the memory otherwise."""
OWN_FOLDER = "Path(__file__).resolve().parent"


class NotLiteral(Exception):
    """An expression's value cannot be told without running it.

    Attributes:
        node: the expression.
    """

    def __init__(self, node: ast.AST, why: str) -> None:
        super().__init__(why)
        self.node = node


@dataclass(frozen=True)
class Param:
    """A parameter of a DAG: its default and its JSON schema."""

    default: Any
    schema: Mapping[str, Any]


@dataclass
class Names:
    """What names stand for at one place of a module.

    Attributes:
        path: of the module, from the repository's root; its folder is what `Path(__file__).resolve().parent` gives.
        imports: `{name: "module.name"}`.
        constants: `{name: value}` of the module's assignments so far.
    """

    path: PurePosixPath
    imports: dict[str, str] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)


def value_of(node: ast.expr, names: Names) -> Any:
    """Return the value: str, int, float, bool, None, list, tuple, dict, PurePosixPath, datetime, timedelta or Param.

    Raises:
        NotLiteral: it is none, or a text grows beyond all use.
    """
    reader = READERS.get(type(node))
    if reader is None:
        raise NotLiteral(node, f"{described(node)} is not a literal")
    return reader(node, names)


def described(node: ast.AST) -> str:
    """Return an expression as a message shows it; long ones are cut, and literals in them are left out."""
    text = type(node).__name__ if isinstance(node, ast.Constant | ast.JoinedStr) else ast.unparse(node)
    return repr(text if len(text) <= 60 else f"{text[:57]}…")


def _constant(node: ast.Constant, names: Names) -> Any:
    del names
    if node.value is None or isinstance(node.value, str | int | float):
        return node.value
    raise NotLiteral(node, f"a literal {type(node.value).__name__} is not used in a DAG")


def _name(node: ast.Name, names: Names) -> Any:
    if node.id in names.constants:
        return names.constants[node.id]
    if names.imports.get(node.id) == "datetime.UTC":
        return dt.UTC
    raise NotLiteral(node, f"{node.id!r} is not a constant of this file")


def _list(node: ast.List, names: Names) -> list[Any]:
    return [value_of(item, names) for item in node.elts]


def _tuple(node: ast.Tuple, names: Names) -> tuple[Any, ...]:
    return tuple(value_of(item, names) for item in node.elts)


def _dict(node: ast.Dict, names: Names) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in zip(node.keys, node.values, strict=True):
        name = value_of(key, names) if key is not None else None
        if not isinstance(name, str) or name in found:
            raise NotLiteral(node, "a dictionary has a key that is spread, repeated or no text")
        found[name] = value_of(item, names)
    return found


def _text(node: ast.JoinedStr, names: Names) -> str:
    parts = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue) and (part.conversion != -1 or part.format_spec is not None):
            raise NotLiteral(node, "an f-string converts or formats a value")
        text = value_of(part.value if isinstance(part, ast.FormattedValue) else part, names)
        if not isinstance(text, str):
            raise NotLiteral(node, "an f-string holds something else than text")
        parts.append(text)
    if sum(map(len, parts)) > LONGEST_TEXT:
        raise NotLiteral(node, f"an f-string is longer than {LONGEST_TEXT} characters")
    return "".join(parts)


def _negative(node: ast.UnaryOp, names: Names) -> Any:
    value = value_of(node.operand, names)
    if isinstance(node.op, ast.USub) and isinstance(value, int | float):
        return -value
    raise NotLiteral(node, f"{described(node)} is not a literal")


def _path_below(node: ast.BinOp, names: Names) -> PurePosixPath:
    if isinstance(node.op, ast.Div):
        folder, below = value_of(node.left, names), value_of(node.right, names)
        if isinstance(folder, PurePosixPath) and isinstance(below, str):
            parts = PurePosixPath(below).parts
            if below.startswith("/") or ".." in parts:
                raise NotLiteral(node, f"the path {below!r} leaves the DAG's folder")
            return folder / below
    raise NotLiteral(node, f"{described(node)} is not a literal")


def _attribute(node: ast.Attribute, names: Names) -> PurePosixPath:
    if ast.unparse(node) == OWN_FOLDER and names.imports.get("Path") == "pathlib.Path":
        return names.path.parent
    raise NotLiteral(node, f"{described(node)} is not a literal")


def _call(node: ast.Call, names: Names) -> Any:
    if not isinstance(node.func, ast.Name) or any(word.arg is None for word in node.keywords):
        raise NotLiteral(node, f"the call {described(node.func)} makes no literal")
    called = names.imports.get(node.func.id, node.func.id)
    maker = CALLS.get(called)
    if maker is None:
        raise NotLiteral(node, f"the call {described(node.func)} makes no literal")
    positional = [value_of(argument, names) for argument in node.args]
    keywords = {str(word.arg): value_of(word.value, names) for word in node.keywords}
    try:
        return maker(*positional, **keywords)
    except (TypeError, ValueError, OverflowError) as error:
        raise NotLiteral(node, f"{node.func.id}(…) makes no value: {error}") from None


def _str(path: Any) -> str:
    if not isinstance(path, PurePosixPath):
        raise TypeError("only a path below the DAG's folder is made text")
    return str(path)


def _param(default: Any, **schema: Any) -> Param:
    return Param(default, schema)


CALLS: dict[str, Callable[..., Any]] = {
    "str": _str,
    "datetime.timedelta": dt.timedelta,
    "datetime.datetime": dt.datetime,
    "airflow.sdk.Param": _param,
}
READERS: dict[type, Callable[[Any, Names], Any]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Dict: _dict,
    ast.JoinedStr: _text,
    ast.UnaryOp: _negative,
    ast.BinOp: _path_below,
    ast.Attribute: _attribute,
    ast.Call: _call,
}
