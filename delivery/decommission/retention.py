"""Whether a bucket's data must outlive its tenant: retention of the spec, locks of its objects, legal holds.

Decides from the bucket as it is and from the signed release, never from settings of the bucket that a hand could have
shortened, such as its lifecycle. What cannot be read is an error, and so nothing is destroyed.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from delivery.decommission.kept import Rules

RAW_DAYS = 90
"""Most days that raw data is kept. Source: modules/lake, raw_retention_days."""
HOLD_TAG = "legal-hold"
HELD = "legal hold"
"""Begins every reason that is a hold, and not a time that passes."""
WORKERS = 8
BATCH = 1000
NO_LOCK = "ObjectLockConfigurationNotFoundError"
NO_TAGS = "NoSuchTagSet"


@dataclass(frozen=True)
class Reason:
    """Why a bucket is kept, and the first day on which it may be destroyed; the day is empty where none is known."""

    why: str
    until: str = ""


def reason_to_keep(s3: Any, bucket: str, rules: Rules) -> Reason | None:
    """Return why `bucket` must be kept, or None: its data may be destroyed, or it holds none.

    Raises:
        ClientError: something that decides cannot be read.
    """
    hold = bucket_tags(s3, bucket).get(HOLD_TAG)
    if hold is not None:
        return Reason(f"{HELD} on the bucket: {hold or 'no reason given'}")
    newest = max((version["LastModified"] for version in versions(s3, bucket)), default=None)
    if newest is None:
        return None
    if rules.hold_until and rules.hold_until > rules.today:
        return Reason(f"ordered to be kept until {rules.hold_until}", rules.hold_until.isoformat())
    lock_days = _lock_days(s3, bucket)
    if rules.is_protected:
        days = max(_retention_days(bucket, rules), lock_days or 0)
        until = newest.date() + timedelta(days=days)
        if until > rules.today:
            return Reason(f"retention of {days} days; its newest data is of {newest.date()}", until.isoformat())
    return None if lock_days is None else _locked(s3, bucket, rules.today)


def _retention_days(bucket: str, rules: Rules) -> int:
    return min(rules.retention_days, RAW_DAYS) if bucket == rules.raw_bucket else rules.retention_days


def bucket_tags(s3: Any, bucket: str) -> dict[str, str]:
    """Return the tags of a bucket."""
    try:
        listed = s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
    except ClientError as error:
        if error.response["Error"]["Code"] != NO_TAGS:
            raise
        return {}
    return {tag["Key"]: tag.get("Value", "") for tag in listed}  # an empty value is left out of the answer


def versions(s3: Any, bucket: str) -> Iterator[dict[str, Any]]:
    """Yield every version of every object, and no delete markers: those hold no data."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        yield from page.get("Versions", [])


def _lock_days(s3: Any, bucket: str) -> int | None:
    """Return the days for which Object Lock keeps each new version; 0 without a default, None without Object Lock."""
    try:
        lock = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    except ClientError as error:
        if error.response["Error"]["Code"] != NO_LOCK:
            raise
        return None
    default = lock.get("Rule", {}).get("DefaultRetention", {})
    return int(default.get("Days", 0)) + 366 * int(default.get("Years", 0))


def _locked(s3: Any, bucket: str, today: date) -> Reason | None:
    """Return why the first version that S3 would not delete is kept; each is asked, for S3 has no list of them."""

    def ask(version: dict[str, Any]) -> Reason | None:
        head = s3.head_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
        until: datetime | None = head.get("ObjectLockRetainUntilDate")
        if head.get("ObjectLockLegalHoldStatus") == "ON":
            return Reason(f"{HELD} on the object {version['Key']}")
        if until and until.date() >= today:
            freed = until.date() + timedelta(days=1)
            return Reason(f"object {version['Key']} is locked until {until.date()}", freed.isoformat())
        return None

    remaining = versions(s3, bucket)
    with ThreadPoolExecutor(WORKERS) as pool:
        while batch := list(islice(remaining, BATCH)):
            if found := next((reason for reason in pool.map(ask, batch) if reason), None):
                return found
    return None
