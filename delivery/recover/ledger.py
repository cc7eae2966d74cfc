"""A start without an end: a deploy that nobody finished, as the ledger shows it."""

from __future__ import annotations

from delivery.ledger import Record

ENDS = ("deployed", "failed")


def unfinished(history: list[Record]) -> Record | None:
    """Return the last `started` record when no deploy has ended since; None when every deploy has."""
    last = next((record for record in reversed(history) if record.event in ("started", *ENDS)), None)
    return last if last is not None and last.event == "started" else None
