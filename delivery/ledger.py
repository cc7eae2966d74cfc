"""What an environment runs, since when, by whose approval: a chain of records in S3 that can only grow.

Each record names the digest of the one before it, and is written only where nothing stands yet: two writers cannot both
succeed, and whoever changes or removes a record breaks the chain for everybody to see. Of the newest record the chain
says nothing yet; the bucket's versioning and lock protect it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from botocore.exceptions import ClientError
from mypy_boto3_s3 import S3Client

from delivery import aws
from delivery.errors import DeliveryError
from generator.model import EnvironmentSpec
from generator.names import Names

EVENTS = ("started", "deployed", "verified", "failed", "decommissioned")
DIGITS = 8
LATER_FIELDS = ("standing", "probe_date", "rests_on")
"""Fields that early records do not have; left out where they say nothing, so that those still are what is written."""


class LedgerBroken(DeliveryError):
    """A record was changed, removed or is unreadable: nothing in the ledger can be relied on."""

    exit_code = 4


class LedgerMoved(DeliveryError):
    """Somebody else has written since the ledger was read."""

    exit_code = 1


@dataclass(frozen=True)
class Record:
    """One event.

    Attributes:
        event: `started` (what follows may be applied in part), `deployed` (every stack was applied), `verified` (the
            smoke run passed), `failed` (a deploy or its verification ended with an error; `note` says which) or
            `decommissioned` (a stack was destroyed; `note` says what was kept).
        release: digest of the release, hexadecimal.
        plans: `{stack: digest of the plan that was applied}`.
        approved_by: who approved; empty where the environment asks for no approval.
        approval: SHA-256 of the approval's statement, which this event has used up; empty without one.
        by: who or what wrote the record.
        at: ISO 8601, UTC.
        standing: digest of the list of all stacks' plans that a deploy has kept; see `delivery.deploy.standing_plans`.
        probe_date: of a verification: the date for which pipelines ran, ISO 8601; in none of before this was written.
        rests_on: of a verification: number of the earlier one that speaks for the tenants whose pipelines did not run;
            0 where every pipeline ran.
        sequence: from 1, without a gap.
        predecessor: SHA-256 of the record before, as it stands in S3; empty for the first.
    """

    event: str
    release: str
    by: str
    at: str
    plans: Mapping[str, str] = field(default_factory=dict)
    approved_by: str = ""
    approval: str = ""
    note: str = ""
    standing: str = ""
    probe_date: str = ""
    rests_on: int = 0
    sequence: int = 0
    predecessor: str = ""


class Ledger:
    """The ledger of one environment."""

    def __init__(self, client: S3Client, bucket: str, environment: str) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = f"ledger/{environment}/"

    def history(self) -> list[Record]:
        """Return every record, the oldest first, its chain checked link by link.

        Raises:
            LedgerBroken: a record is missing, changed, foreign or unreadable.
        """
        records: list[Record] = []
        predecessor = ""
        for position, key in enumerate(self._keys(), 1):
            body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            record = self._read(key, body)
            if (record.sequence, record.predecessor) != (position, predecessor) or key != self._key(position):
                raise self._broken(key, "it does not follow from the record before it")
            if record.rests_on and not _is_verification(records, record.rests_on):
                raise self._broken(key, f"it rests on record {record.rests_on}, which is no verification before it")
            records.append(record)
            predecessor = hashlib.sha256(body).hexdigest()
        return records

    def append(self, record: Record, after: list[Record]) -> Record:
        """Write `record` behind `after`, the history as its writer has read it, and return it as it was written.

        Raises:
            LedgerMoved: another record stands there already; read the history again and decide anew.
        """
        predecessor = hashlib.sha256(_body(after[-1])).hexdigest() if after else ""
        placed = Record(**{**asdict(record), "sequence": len(after) + 1, "predecessor": predecessor})
        self._read("the record", _body(placed))
        try:
            self._client.put_object(
                Bucket=self._bucket, Key=self._key(placed.sequence), Body=_body(placed), IfNoneMatch="*"
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("PreconditionFailed", "ConditionalRequestConflict"):
                raise
            raise LedgerMoved(
                f"s3://{self._bucket}/{self._key(placed.sequence)} was written by somebody else",
                why="what was decided was decided on an older history",
                fix="run the same command again: it reads the history anew",
            ) from error
        return placed

    def _keys(self) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        return sorted(item["Key"] for page in pages for item in page.get("Contents", []))

    def _key(self, sequence: int) -> str:
        return f"{self._prefix}{sequence:0{DIGITS}d}.json"

    def _read(self, key: str, body: bytes) -> Record:
        try:
            data: dict[str, Any] = json.loads(body)
            record = Record(**data)
        except (ValueError, TypeError) as error:
            raise self._broken(key, f"it is no record: {error}") from error
        if record.event not in EVENTS or _body(record) != body:
            raise self._broken(key, "it is no record that this program writes")
        return record

    def _broken(self, key: str, why: str) -> LedgerBroken:
        return LedgerBroken(
            f"s3://{self._bucket}/{key}: the ledger is broken",
            expected="an unbroken chain of records that were only ever added",
            why=why,
            fix="compare the object's versions in S3; CloudTrail says who wrote it",
        )


def ledger_of(spec: EnvironmentSpec, variables: Mapping[str, str], role: str | None = None) -> Ledger:
    """Return the ledger of an environment, reached as `role`; see `delivery.aws`."""
    return Ledger(aws.client("s3", spec, variables, role), Names(spec).bucket("ledger"), spec.environment)


def _body(record: Record) -> bytes:
    """Return the one form in which a record stands in S3."""
    data = {key: value for key, value in asdict(record).items() if value or key not in LATER_FIELDS}
    return (json.dumps(data, indent=1, sort_keys=True) + "\n").encode()


def _is_verification(records: list[Record], sequence: object) -> bool:
    return isinstance(sequence, int) and 0 < sequence <= len(records) and records[sequence - 1].event == "verified"


def running(history: list[Record]) -> Record | None:
    """Return the record of the release that the environment runs; None before the first deploy."""
    return next((record for record in reversed(history) if record.event == "deployed"), None)


def is_verified(history: list[Record], release: str) -> bool:
    """Tell whether `release` is what runs, and was verified since it was deployed."""
    return any(record.release == release for record in proof_of(history)[:1])


def proof_of(history: list[Record]) -> list[Record]:
    """Return the verification of what runs and those that it rests on, the newest first; none where none is.

    The last one has run every tenant's pipeline.
    """
    now = running(history)
    since = history[now.sequence :] if now else []
    found = [item for item in since if now and (item.event, item.release) == ("verified", now.release)]
    chain = found[-1:]
    while chain and chain[-1].rests_on:
        chain.append(history[chain[-1].rests_on - 1])
    return chain


def last_verified(history: list[Record], before: str = "") -> str:
    """Return the digest of the last release that was verified here, other than `before`; empty when there is none."""
    verified = (record.release for record in reversed(history) if record.event == "verified")
    return next((release for release in verified if release != before), "")
