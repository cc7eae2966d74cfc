"""A start without an end: a deploy that nobody finished, as the ledger shows it."""

from __future__ import annotations

from delivery.ledger import Record

ENDS = ("deployed", "failed")


def unfinished(history: list[Record]) -> Record | None:
    """Return the last `started` record when no deploy has ended since; None when every deploy has."""
    last = _last(history)
    return last if last is not None and last.event == "started" else None


def not_ended_well(history: list[Record]) -> Record | None:
    """Return the last word on the last deploy when that is not `deployed`: its release is what was applied in part."""
    last = _last(history)
    return last if last is not None and last.event != "deployed" else None


def _last(history: list[Record]) -> Record | None:
    return next((record for record in reversed(history) if record.event in ("started", *ENDS)), None)
