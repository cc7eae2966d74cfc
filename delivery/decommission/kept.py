"""What outlives its tenant, and why: one record for each bucket and key that a decommission leaves in the account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

SCHEMA = "warehouse:"


@dataclass(frozen=True, order=True)
class Kept:
    """One resource that is kept.

    Attributes:
        arn: its ARN; of a schema in the warehouse, `warehouse:<cluster>/<schema>`.
        why: for people and auditors.
        until: first day on which it may be destroyed, ISO 8601; empty where no day is known, as under a legal hold.
        address: of the resource in the tenant's state, before it was taken out.
    """

    arn: str
    why: str
    until: str = ""
    address: str = ""

    @property
    def bucket(self) -> str:
        """Name of the bucket; empty where this is none."""
        prefix = "arn:aws:s3:::"
        return self.arn.removeprefix(prefix) if self.arn.startswith(prefix) else ""

    @property
    def is_key(self) -> bool:
        return ":key/" in self.arn

    @property
    def is_schema(self) -> bool:
        return self.arn.startswith(SCHEMA)


def schema_name(cluster: str, schema: str) -> str:
    """Return the name under which a schema of the warehouse is kept."""
    return f"{SCHEMA}{cluster}/{schema}"


@dataclass(frozen=True)
class Rules:
    """What decides how long data of one tenant is kept.

    Attributes:
        retention_days: as the tenant's spec said in the release that runs.
        is_protected: the environment keeps data for its retention, and its keys for good.
        raw_bucket: bucket whose data can be made again from landing.
        hold_until: nothing with data in it is destroyed before this day; None without such an order.
        today: the day of the decommission, UTC.
    """

    retention_days: int
    is_protected: bool
    raw_bucket: str
    hold_until: date | None
    today: date
