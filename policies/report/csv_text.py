"""CSV that a spreadsheet shows and does not run: a cell that begins like a formula gets an apostrophe."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from policies.report.printable import printable

FORMULA = ("=", "+", "-", "@")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a header and its rows."""
    return lines([columns, *rows])


def lines(rows: Iterable[Sequence[Any]]) -> str:
    """Return rows, each ending in a line break."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    text = printable(str(value))  # tabs and line breaks, which some spreadsheets skip before a formula, are written out
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
