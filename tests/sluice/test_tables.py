"""Tables on terminals of any width: whatever the layout, a value stands whole in one line."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from sluice import tables

COLUMNS = ["dataset", "as of", "rows", "version"]
VERSION = "01a20910-2d0b-7355-8a37-e176fd0c0b85"
ROWS = [["account_value", "2026-10-31", 5978, VERSION], ["payout", "2026-10-31", 40, None]]


def lines(width: int) -> list[str]:
    written = io.StringIO()
    tables.show(Console(file=written, width=width), COLUMNS, ROWS, "Published")
    return written.getvalue().splitlines()


@pytest.mark.parametrize("width", [30, 69, 72, 200])
def test_every_value_stands_whole(width: int) -> None:
    text = "\n".join(lines(width))
    assert VERSION in text
    assert "account_value" in text
    assert "None" not in text


@pytest.mark.parametrize(("width", "gap"), [(66, 1), (69, 2)])
def test_a_table_fits_its_terminal(width: int, gap: int) -> None:
    found = lines(width)
    assert max(map(len, found)) <= width
    assert f"account_value{' ' * gap}2026-10-31{' ' * gap}5978{' ' * gap}{VERSION}" in found
    assert any(line.startswith("payout") and "  40" in line for line in found), "numbers stand to the right"


def test_what_fits_no_table_is_told_row_by_row() -> None:
    found = lines(40)
    assert f"version  {VERSION}" in found
    assert "rows     40" in found
