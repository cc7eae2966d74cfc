"""How long work looks while it lasts: one line a stack or task, live on a terminal, plain lines elsewhere.

Knows Terraform's and Airflow's events only as far as they say what has begun and ended.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Protocol, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column

from delivery.workspace import StackId

ROOM_FOR_BARS = 110
"""Columns of a terminal below which a row keeps its words and does without its bar."""


def _columns(width: int) -> list[ProgressColumn]:
    """Return what a row shows. A narrow terminal cuts only the last of it, such as a long address of Terraform's."""
    whole, cut = Column(no_wrap=True), Column(no_wrap=True, overflow="ellipsis", ratio=1)
    bar = [BarColumn(bar_width=28)] if width >= ROOM_FOR_BARS else []
    return [
        SpinnerColumn(),
        TextColumn("{task.description}", table_column=whole),
        *bar,
        MofNCompleteColumn(table_column=whole),
        TimeElapsedColumn(table_column=whole),
        TextColumn("[dim]{task.fields[now]}", table_column=cut),
    ]


class Board:
    """Rows of progress. On a terminal they move; in a log each prints when it starts, at quarters, and when it ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            *_columns(console.width),
            console=console,
            expand=True,
            disable=not console.is_terminal,
        )
        self._rows: dict[str, TaskID] = {}
        self._started: dict[str, float] = {}
        self._quarter: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Hold the moving rows still while somebody is asked something."""
        self._progress.stop()
        try:
            yield
        finally:
            self._progress.start()

    def row(self, name: str, total: int, now: str = "") -> None:
        """Start the row `name`, or give it a new total."""
        if name in self._rows:
            self._progress.update(self._rows[name], total=total, now=now)
            return
        self._rows[name] = self._progress.add_task(name, total=total, now=now)
        self._started[name] = time.monotonic()
        self._say(name, f"started {now}".rstrip())

    def advance(self, name: str, now: str = "", *, is_told: bool = False) -> None:
        """One more of `name` is done; a log hears it at quarters, or always where `is_told`."""
        row = self._rows[name]
        self._progress.update(row, advance=1, now=now)
        task = next(task for task in self._progress.tasks if task.id == row)
        quarter = int(4 * task.completed / task.total) if task.total else 0
        if is_told or quarter > self._quarter.get(name, 0):
            self._quarter[name] = quarter
            self._say(name, f"{int(task.completed)}/{int(task.total or 0)} {now}")

    def now(self, name: str, text: str, *, is_told: bool = False) -> None:
        """Say what `name` is doing at the moment, to a log only where `is_told`."""
        if name in self._rows:
            self._progress.update(self._rows[name], now=text)
            if is_told:
                self._say(name, text)

    def done(self, name: str, text: str) -> None:
        """End the row `name` with a last word."""
        task = next(task for task in self._progress.tasks if task.id == self._rows[name])
        self._progress.update(task.id, completed=task.total or 1, total=task.total or 1, now=text)
        self._say(name, text)

    def _say(self, name: str, text: str) -> None:
        if not self._console.is_terminal:
            seconds = time.monotonic() - self._started[name]
            self._console.print(f"{name:<28} {seconds:5.0f} s  {text}", highlight=False, markup=False, soft_wrap=True)


class StackProgress(Protocol):
    """Who is told what becomes of each stack: rows for people, events for machines.

    `text` is one line for people; the keyword arguments say the same to machines.
    """

    def planning(self, stack: StackId) -> None: ...

    def planned(self, stack: StackId, text: str, *, counts: Mapping[str, int] | None = None) -> None: ...

    def judging(self, stack: StackId) -> None: ...

    def gated(self, stack: StackId, text: str) -> None: ...

    def applying(self, stack: StackId, changes: int) -> None: ...

    def applied(self, stack: StackId, text: str, *, counts: Mapping[str, int] | None = None) -> None: ...

    def __call__(self, stack: StackId, event: dict[str, Any]) -> None:
        """Listener for `delivery.plan`."""


class TerraformRows:
    """Shows Terraform's events: a row a stack for its plan, then for its apply."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._planned: dict[str, int] = {}

    def planning(self, stack: StackId) -> None:
        self._board.row(f"{stack} plan", 1, "reading")

    def planned(self, stack: StackId, text: str, *, counts: Mapping[str, int] | None = None) -> None:
        self._board.done(f"{stack} plan", text)

    def judging(self, stack: StackId) -> None:
        self._board.row(f"{stack} gate", 1, "judging")

    def gated(self, stack: StackId, text: str) -> None:
        self._board.done(f"{stack} gate", text)

    def applying(self, stack: StackId, changes: int) -> None:
        self._board.row(f"{stack} apply", changes)

    def applied(self, stack: StackId, text: str, *, counts: Mapping[str, int] | None = None) -> None:
        self._board.done(f"{stack} apply", text)

    def __call__(self, stack: StackId, event: dict[str, Any]) -> None:
        """Listener for `delivery.plan`."""
        kind = event.get("type")
        if kind == "refresh_complete":
            self._board.now(f"{stack} plan", event["hook"]["resource"]["addr"])
        elif kind in ("apply_start", "apply_progress") and event["hook"].get("action") != "read":
            self._board.now(f"{stack} apply", event["hook"]["resource"]["addr"])
        elif kind == "apply_complete" and event["hook"].get("action") != "read":
            self._board.advance(f"{stack} apply", event["hook"]["resource"]["addr"])


class DagRows:
    """Shows one DAG run: a row that counts its tasks, and says of those that are Spark steps what becomes of them."""

    def __init__(self, board: Board, name: str, steps: Collection[str] = ()) -> None:
        self._board, self._name, self._steps = board, name, steps

    def __call__(self, event: dict[str, Any]) -> None:
        """Listener for `LocalAirflow.run`."""
        if "tasks" in event:
            self._board.row(self._name, len(event["tasks"]))
            return
        is_step = event["task"] in self._steps
        text = f"{'Spark step ' if is_step else ''}{event['task']} {event['state']}"
        if event["state"] == "running":
            self._board.now(self._name, text, is_told=is_step)
        else:
            self._board.advance(self._name, text, is_told=is_step)

    def ended(self, state: str) -> None:
        self._board.done(self._name, state)
