"""The part of Groovy in which a declarative Jenkinsfile is written: names, literals, blocks. Nothing else is read.

What has another form (closures with code, operators, annotations, slashy strings) is a problem, never skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from policies.errors import Undecided

TOKEN = re.compile(
    r"""
    (?P<blank>[ \t\f]+|\\\r?\n|//[^\r\n]*|/\*.*?\*/|\A\#![^\r\n]*)
    | (?P<newline>\r\n|\r|\n|;)
    | (?P<text>'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'(?:\\.|[^'\\\r\n])*'|"(?:\\.|[^"\\\r\n])*")
    | (?P<number>\d+)
    | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    | (?P<mark>[{}()\[\],:=])
    """,
    re.VERBOSE | re.DOTALL,
)
ESCAPE = re.compile(r"\\(.)", re.DOTALL)
LINE_END = re.compile(r"\r\n|\r|\n")
UNICODE = re.compile(r"\\u+[0-9A-Fa-f]")
"""Groovy resolves these before it reads anything, also in comments: `\\u000a` ends one."""
FILLED_IN = re.compile(r"(?<!\\)(?:\\\\)*(\$(?:\{[^}]*\}?|[A-Za-z_][\w.]*))")
"""After an even number of backslashes a dollar is not escaped."""
WORDS = {"true": True, "false": False, "null": None}
DEEPEST = 50


@dataclass(frozen=True)
class Text:
    """A string literal.

    Attributes:
        value: with its escapes resolved.
        evaluates: what Groovy would put into it, `${…}` and `$name` of a text in double quotes.
    """

    value: str
    evaluates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Name:
    """A bare name as a value, `scm`."""

    value: str


@dataclass(frozen=True)
class Node:
    """One statement: `name`, `name(…)`, `name …`, `name = value`, any of them with a block.

    Attributes:
        values: positional arguments: Text, Name, Node, numbers, booleans, lists, dictionaries.
        named: `{argument: value}`; `=` holds what is assigned.
    """

    name: str
    line: int
    values: tuple[Any, ...] = ()
    named: dict[str, Any] = field(default_factory=dict)
    children: tuple[Node, ...] = ()
    is_block: bool = False

    def child(self, name: str) -> Node | None:
        return next((node for node in self.children if node.name == name), None)

    def walk(self) -> Iterator[Node]:
        """Yield the node and everything in it, also calls among its arguments."""
        yield self
        for node in (*called((self.values, self.named)), *self.children):
            yield from node.walk()

    def texts(self) -> Iterator[Text]:
        """Yield the texts among its own arguments."""
        yield from texts((self.values, self.named))


def called(value: Any) -> Iterator[Node]:
    """Yield the calls in a value."""
    if isinstance(value, Node):
        yield value
    elif isinstance(value, list | tuple):
        yield from (node for item in value for node in called(item))
    elif isinstance(value, dict):
        yield from (node for item in value.values() for node in called(item))


def bare(value: Any) -> Iterator[Name]:
    """Yield the bare names in a value, those of calls in it left out."""
    if isinstance(value, Name):
        yield value
    elif isinstance(value, list | tuple):
        yield from (name for item in value for name in bare(item))
    elif isinstance(value, dict):
        yield from (name for item in value.values() for name in bare(item))


def texts(value: Any) -> Iterator[Text]:
    """Yield the texts in a value, those of calls in it left out."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, list | tuple):
        yield from (text for item in value for text in texts(item))
    elif isinstance(value, dict):
        yield from (text for item in value.values() for text in texts(item))


class _OtherForm(Exception):
    """What stands at a token is not of the form."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


def read(text: str, path: str) -> tuple[tuple[Node, ...], list[tuple[str, int]]]:
    """Return the statements of a Jenkinsfile, and what is not of the form as `(problem, line)`.

    After the first problem nothing more is read.

    Raises:
        Undecided: a text or comment has no end.
    """
    escape = UNICODE.search(text)
    if escape:
        return (), [("an escape such as \\u0024 hides what Groovy reads", text.count("\n", 0, escape.start()) + 1)]
    tokens, problems = _tokens(text, path)
    if problems:
        return (), problems
    try:
        return _Reader(tokens).statements(), []
    except _OtherForm as error:
        return (), [(str(error), error.line)]


Token = tuple[str, str, int]
"""(kind, text, line)"""


def _tokens(text: str, path: str) -> tuple[list[Token], list[tuple[str, int]]]:
    found: list[Token] = []
    at, line, depth = 0, 1, 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            if text[at] in "'\"" or text.startswith("/*", at):
                raise Undecided(f"{path}:{line}: a text or comment has no end")
            return [], [(f"{text[at]!r} is not part of a declarative pipeline", line)]
        kind, token = str(match.lastgroup), match.group()
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token, 0) if kind == "mark" else 0
        if kind != "blank" and not (kind == "newline" and depth > 0):
            found.append((kind, token, line))
        line += len(LINE_END.findall(token))
        at = match.end()
    return [*found, ("newline", "\n", line), ("end", "", line)], []


class _Reader:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens, self.at, self.depth = tokens, 0, 0

    def statements(self, end: str = "") -> tuple[Node, ...]:
        """Read statements up to the mark `end`, or to the end of the file."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise _OtherForm(self.line, f"blocks are nested more than {DEEPEST} deep")
        found = []
        while True:
            while self.kind == "newline":
                self.at += 1
            if self.text == end and self.kind in ("mark", "end"):
                break
            found.append(self._statement())
        self.depth -= 1
        return tuple(found)

    def _statement(self) -> Node:
        line, name = self.line, self._take("name")
        values: list[Any] = []
        named: dict[str, Any] = {}
        if self._skip("="):
            named["="] = self._value()
        elif self._skip("("):
            values, named = self._arguments(")")
        elif not (self.text == "{" and self.kind == "mark") and self.kind != "newline" and self.text != "}":
            values, named = self._arguments("")
        children: tuple[Node, ...] = ()
        is_block = "=" not in named and self._skip("{")
        if is_block:
            children = self.statements("}")
            self._take("mark", "}")
        if self.kind != "newline" and self.text != "}":
            raise _OtherForm(self.line, f"{self.text!r} stands where a statement should end")
        return Node(name, line, tuple(values), named, children, is_block)

    def _arguments(self, end: str) -> tuple[list[Any], dict[str, Any]]:
        """Read arguments up to the mark `end`; without one up to the end of the line or a block."""
        values: list[Any] = []
        named: dict[str, Any] = {}
        while not (end and self.text == end and self.kind == "mark"):
            if self.kind == "name" and self.tokens[self.at + 1][1] == ":":
                key = self._take("name")
                self._take("mark", ":")
                if key in named:
                    raise _OtherForm(self.line, f"the argument {key!r} stands twice")
                named[key] = self._value()
            else:
                values.append(self._value())
            if not self._skip(","):
                break
            while self.kind == "newline":
                self.at += 1
        if end:
            self._take("mark", end)
        return values, named

    def _value(self) -> Any:
        kind, text, line = self.tokens[self.at]
        if kind == "text":
            self.at += 1
            return _text(text)
        if kind == "number":
            self.at += 1
            return int(text)
        if self._skip("["):
            values, named = self._arguments("]")
            if values and named:
                raise _OtherForm(line, "a list holds named and unnamed values")
            return named or values
        name = self._take("name")
        if name in WORDS:
            return WORDS[name]
        if self._skip("("):
            values, named = self._arguments(")")
            return Node(name, line, tuple(values), named)
        return Name(name)

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0]

    @property
    def text(self) -> str:
        return self.tokens[self.at][1]

    @property
    def line(self) -> int:
        return self.tokens[self.at][2]

    def _take(self, kind: str, text: str = "") -> str:
        found = self.text
        if self.kind != kind or (text and found != text):
            raise _OtherForm(self.line, f"{found!r} stands where {text or f'a {kind}'} should")
        self.at += 1
        return found

    def _skip(self, mark: str) -> bool:
        is_there = self.kind == "mark" and self.text == mark
        self.at += is_there
        return is_there


def _text(token: str) -> Text:
    quote = token[:3] if token[:3] in ("'''", '"""') else token[0]
    inner = token[len(quote) : -len(quote)]
    escapes = {"n": "\n", "t": "\t", "r": "\r", "\n": ""}
    value = ESCAPE.sub(lambda match: escapes.get(match[1], match[1]), inner)
    evaluates = FILLED_IN.findall(inner) if quote[0] == '"' else []
    return Text(value, tuple(evaluates))
