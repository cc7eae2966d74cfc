"""Rows of progress on terminals of any width, and in a log."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from sluice.progress import Board, DagRows

ADDRESS = 'module.lake.module.bucket["curated"].aws_s3_bucket_lifecycle_configuration.this'


def shown(width: int, *, is_terminal: bool = True) -> list[str]:
    """Return the lines that stand when a stack has been planned and is being applied."""
    written = io.StringIO()
    console = Console(file=written, width=width, force_terminal=is_terminal, color_system=None)
    with Board(console) as board:
        board.row("prod/platform plan", 1, "reading")
        board.done("prod/platform plan", "181 to create")
        board.row("prod/annuity apply", 185)
        board.now("prod/annuity apply", ADDRESS)
    return written.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 80, 150])
def test_a_long_address_crowds_nothing_out(width: int) -> None:
    row = next(line for line in reversed(shown(width)) if ADDRESS[:7] in line)
    assert len(row) <= width
    assert row.startswith("⠋ prod/annuity apply ")
    assert "0/185 0:00:00 module." in row


def test_a_log_gets_lines_and_no_terminal_codes() -> None:
    lines = shown(150, is_terminal=False)
    assert [line.split("s  ")[-1] for line in lines] == ["started reading", "181 to create", "started"]
    assert "\x1b" not in "".join(lines)


def test_a_log_hears_of_every_spark_step() -> None:
    written = io.StringIO()
    with Board(Console(file=written, width=150)) as board:
        rows = DagRows(board, "prod annuity_daily", {"valuation"})
        rows({"dag": "annuity_daily", "tasks": ["open_run", *(f"task_{number}" for number in range(8)), "valuation"]})
        for task in ("open_run", "valuation"):
            rows({"task": task, "state": "running"})
            rows({"task": task, "state": "success"})
    said = [line.split("s  ")[-1] for line in written.getvalue().splitlines()]
    assert said == ["started", "Spark step valuation running", "2/10 Spark step valuation success"]
