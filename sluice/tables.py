"""Tables that people read and copy from: a value is never broken over lines, whatever the terminal's width.

Decides how rows are laid out. It must not know what they tell.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.console import Console

NUMBER = re.compile(r"-?[0-9]+([.][0-9]+)?")
WIDE = 1000
"""Columns of what is no terminal: a file or another program takes a line of any length."""


@dataclass(frozen=True)
class Column:
    """A header, which may be broken between words, and a text for each row, whose lines stay whole."""

    name: str
    values: list[str]

    @property
    def width(self) -> int:
        pieces = [*self.name.split(), *(line for value in self.values for line in value.splitlines())]
        return max(map(len, pieces), default=1)

    def lines(self, text: str, *, is_header: bool = False) -> list[str]:
        """Return a text as lines of the column's width; a column of numbers stands to the right."""
        is_numeric = any(self.values) and all(NUMBER.fullmatch(value) for value in self.values if value)
        pieces = textwrap.wrap(text, self.width) if is_header else text.splitlines()
        return [piece.rjust(self.width) if is_numeric else piece.ljust(self.width) for piece in pieces]


def console() -> Console:
    return Console(width=None if sys.stdout.isatty() else WIDE)


def show(console: Console, columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """Print rows below their columns; where they are too wide for that, each row as a block of its own.

    Args:
        columns: headers.
        rows: a value for each column, None for nothing.
    """
    cells = [["" if value is None else str(value) for value in row] for row in rows]
    table = [Column(name, [row[index] for row in cells]) for index, name in enumerate(columns)]
    needed = sum(column.width for column in table)
    if title:
        _print(console, f"\n{title}\n")
    gap = next((gap for gap in (2, 1) if needed + gap * (len(table) - 1) <= console.width), 0)
    if not gap:
        _blocks(console, columns, cells)
        return
    for line in _side_by_side([column.lines(column.name, is_header=True) for column in table], table, gap):
        _print(console, line, style="bold")
    _print(console, "─" * (needed + gap * (len(table) - 1)), style="dim")
    for row in cells:
        for line in _side_by_side([column.lines(text) for column, text in zip(table, row, strict=True)], table, gap):
            _print(console, line)


def _side_by_side(texts: Sequence[list[str]], table: Sequence[Column], gap: int) -> Iterable[str]:
    for pieces in zip_longest(*texts, fillvalue=""):
        cells = (piece.ljust(column.width) for piece, column in zip(pieces, table, strict=True))
        yield (" " * gap).join(cells).rstrip()


def _blocks(console: Console, columns: Sequence[str], cells: list[list[str]]) -> None:
    names = max(map(len, columns))
    for row in cells:
        for name, value in zip(columns, row, strict=True):
            for index, line in enumerate(value.splitlines()):
                _print(console, f"{'' if index else name:<{names}}  {line}")
        _print(console, "")


def _print(console: Console, line: str, style: str = "") -> None:
    console.print(line, style=style, highlight=False, markup=False, soft_wrap=True)
