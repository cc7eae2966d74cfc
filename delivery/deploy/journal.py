"""What one deploy writes into the ledger: its beginning before anything changes, and its end whatever that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from delivery.deploy.permission import Permission
from delivery.ledger import Ledger, Record, running

MOST_OF_A_NOTE = 500
ENDS = ("deployed", "failed")


class Journal:
    """The ledger as one deploy of one release reads and continues it.

    Attributes:
        history: every record, this deploy's too.
        applied: `{stack: digest of the plan}` of what this run has applied.
    """

    def __init__(self, ledger: Ledger, release: str, by: str, now: Callable[[], datetime]) -> None:
        self._ledger, self._release, self._by, self._now = ledger, release, by, now
        self.history = ledger.history()
        self.applied: dict[str, str] = {}

    @property
    def runs(self) -> str:
        """Digest of the release that the environment runs; empty before the first."""
        record = running(self.history)
        return record.release if record else ""

    @property
    def open(self) -> list[Record]:
        """The beginnings since the last end: more than one where what remained was approved by itself."""
        found: list[Record] = []
        for record in reversed(self.history):
            if record.event in ENDS:
                break
            found += [record] if record.event == "started" else []
        return found[::-1]

    def started(self, plans: Mapping[str, str], permission: Permission) -> None:
        """Say that from now on `plans` may have been applied in part."""
        self._write("started", plans=dict(plans), approved_by=permission.approver, approval=permission.approval)

    def deployed(self, standing: str = "") -> None:
        """Say that everything was applied: what this run did, and what an interrupted one had begun.

        Args:
            standing: digest of the list of kept plans.
        """
        begun = [record for record in self.open if record.release == self._release]
        plans = {stack: plan for record in begun for stack, plan in record.plans.items()}
        last = begun[-1] if begun else Record("", "", "", "")
        self._write(
            "deployed",
            plans={**plans, **self.applied},
            approved_by=last.approved_by,
            approval=last.approval,
            note="" if begun else "nothing of the environment differs",
            standing=standing,
        )

    def verified(self, note: str, probe_date: str, rests_on: int) -> None:
        """Say that every tenant is proved to work; see `delivery.ledger.Record` for the date and what it rests on."""
        self._write("verified", note=note, probe_date=probe_date, rests_on=rests_on)

    def failed(self, note: str) -> None:
        self._write("failed", plans=dict(self.applied), note=note)

    @contextmanager
    def failures(self, what: str) -> Iterator[None]:
        """Write down that the deploy has failed when the block ends with an error; the error goes on."""
        try:
            yield
        except Exception as error:
            self.failed(f"{what}: {str(error).strip()[:MOST_OF_A_NOTE]}")
            raise

    def _write(self, event: str, **fields: Any) -> None:
        at = self._now().isoformat(timespec="seconds")
        record = Record(event, self._release, self._by, at, **fields)
        self.history = [*self.history, self._ledger.append(record, self.history)]
