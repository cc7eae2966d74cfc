"""Whether an environment is as it should be, so that nobody need be asked and a pipeline may end there.

A release that would change nothing is not brought there for its own sake: what runs there was verified, and stays the
release of the ledger until one that changes something comes along.
"""

from __future__ import annotations

from delivery.deploy.journal import Journal
from delivery.deploy.permission import KEPT
from delivery.deploy.place import Place
from delivery.plan_reading import write_private

MARK = "unchanged"
"""The file in .sluice/deploy/<environment>/ that says so; a Jenkinsfile asks whether it exists."""


def is_settled(place: Place, journal: Journal) -> bool:
    """Tell whether the last deploy has ended well: applied to the end and, where that is asked for, verified."""
    events = [record.event for record in journal.history if record.event != "decommissioned"]
    last = events[-1] if events else ""
    return last == "verified" or (last == "deployed" and place.spec.delivery.probe_date is None)


def mark(place: Place, release: str) -> None:
    """Leave word that `release` would change nothing."""
    write_private(place.root / KEPT / place.environment / MARK, f"release {release} would change nothing\n")
