"""Freeze windows: while one is open, only a release that was verified here before is let through.

A freeze keeps news out. It never keeps an environment from going back to what is known to work.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from delivery.errors import DeliveryError
from delivery.ledger import Record
from generator.model import EnvironmentSpec


class Frozen(DeliveryError):
    """An environment takes no new release at the moment."""

    exit_code = 1


def check_freeze(spec: EnvironmentSpec, now: datetime, history: Sequence[Record], release: str) -> None:
    """Do nothing where `release` may be promoted to or deployed in the environment at `now`.

    Args:
        now: with an offset. A window is open from the moment that it begins until the one at which it ends.
        history: the environment's ledger.
        release: digest, hexadecimal.

    Raises:
        Frozen: a window is open, and the release was never verified here.
        ValueError: `now` has no offset, so that it says no moment.
    """
    if now.tzinfo is None:
        raise ValueError(f"{now.isoformat()} has no offset")
    opened = [window for window in spec.delivery.freezes if window.begins <= now < window.ends]
    if not opened or _was_verified(history, release):
        return
    last = max(opened, key=lambda window: window.ends)
    raise Frozen(
        f"{spec.environment}: frozen until {last.ends.isoformat()}",
        expected="a release that was verified here before: going back is always possible",
        why="; ".join(window.reason for window in opened),
        fix=f"wait, or change delivery.freezes in environments/{spec.environment}/environment.yaml by pull request",
    )


def _was_verified(history: Sequence[Record], release: str) -> bool:
    return any(record.event == "verified" and record.release == release for record in history)
