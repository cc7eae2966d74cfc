"""What is known of a database's restore tests, and whether that is enough: the newest must have passed in 90 days.

Knows nothing of how AWS is asked; see `restore_tests`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from delivery.drift import Difference, Kind

MOST_AGE = timedelta(days=90)
"""Control CSO_RDS_03; source: 23 NYCRR 500.16."""
PASSED, REFUTED = "COMPLETED", "FAILED"
WAY_BACK = "have the restore testing plan of AWS Backup run; its jobs say why the last test failed, if one began"


@dataclass(frozen=True)
class RestoreTest:
    """One job of a restore testing plan.

    Attributes:
        status: as AWS Backup calls it; COMPLETED is a restored database.
        validation: what was found out about the restored database, FAILED for one; empty where nobody looks into it.
        recovery_point, plan: ARNs.
        ended: None while it runs.
        message: what AWS Backup says of a job that failed.
    """

    job: str
    status: str
    validation: str
    recovery_point: str
    plan: str
    begun: datetime
    ended: datetime | None
    message: str

    @property
    def has_passed(self) -> bool:
        return self.status == PASSED and self.validation != REFUTED and self.ended is not None

    def as_json(self) -> dict[str, str]:
        ended = self.ended.isoformat() if self.ended else ""
        return {**vars(self), "begun": self.begun.isoformat(), "ended": ended}


@dataclass(frozen=True)
class RestoreRecord:
    """A database and what AWS Backup has recorded of it.

    Attributes:
        made: when the database was.
        tests: all that AWS Backup lists, oldest first.
    """

    address: str
    type: str
    arn: str
    made: datetime
    tests: tuple[RestoreTest, ...]

    @property
    def passed(self) -> RestoreTest | None:
        """The newest test that has restored the database."""
        return next((test for test in reversed(self.tests) if test.has_passed), None)

    @property
    def due(self) -> datetime:
        """When the next test must have passed: 90 days after the last one, or after the database was made."""
        passed = self.passed
        return (passed.ended if passed and passed.ended else self.made) + MOST_AGE

    def difference(self, now: datetime) -> Difference | None:
        """Return what is wrong; None while the newest test, or a database that none has restored yet, is young."""
        if now <= self.due:
            return None
        return Difference(self.address, self.type, Kind.UNTESTED, (self._last(),), WAY_BACK)

    def as_text(self) -> str:
        until = f"the next by {self.due:%Y-%m-%d}"
        passed = self.passed
        if passed is None:
            return f"no restore test of {self.address} yet; {until}"
        return f"restore test of {self.address}: {self._last()}, job {passed.job}, {passed.recovery_point}; {until}"

    def as_json(self, now: datetime) -> dict[str, Any]:
        """Return the evidence: what was asked of AWS when, and what it said."""
        passed, newest = self.passed, self.tests[-1] if self.tests else None
        return {
            "address": self.address,
            "database": self.arn,
            "made": self.made.isoformat(),
            "asked": now.isoformat(),
            "due": self.due.isoformat(),
            "is_overdue": now > self.due,
            "passed": passed and passed.as_json(),
            "newest": newest and newest.as_json(),
        }

    def _last(self) -> str:
        passed = self.passed
        if passed and passed.ended:
            return f"{passed.status} {passed.ended:%Y-%m-%d}"
        newest = f", the newest {self.tests[-1].status}" if self.tests else ""
        return f"none passed since {self.made:%Y-%m-%d}{newest}"
