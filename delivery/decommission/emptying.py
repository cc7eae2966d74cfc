"""Destroying data whose time has passed: every version of a bucket, then, where Terraform has let go of it, itself.

Nothing is ever deleted past a lock: no request asks to bypass governance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from delivery.decommission.keeping import WRITES, deny
from delivery.decommission.kept import Rules
from delivery.decommission.retention import reason_to_keep
from delivery.errors import DeliveryError

GoOn = Callable[[], None]
BATCH = 1000
"""Most keys that one DeleteObjects takes."""
SHOWN = 3
GONE = ("NoSuchBucket", "404")


class DataStillKept(DeliveryError):
    """Data that was to be destroyed must be kept after all, or S3 keeps it."""

    exit_code = 1


def empty(s3: Any, bucket: str, rules: Rules, go_on: GoOn) -> int:
    """Delete every version and delete marker of a bucket and return how many; a bucket that is gone has none.

    Writers are shut out first, and it is asked again whether the data may go: something may have arrived since.

    Args:
        go_on: asked before each thousand; raises when the work is to stop here.

    Raises:
        DataStillKept: the data must be kept, or S3 did not delete some of it.
    """
    try:
        deny(s3, bucket, WRITES)
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise
        return 0
    if reason := reason_to_keep(s3, bucket, rules):
        raise DataStillKept(
            f"s3://{bucket}: not emptied",
            why=f"{reason.why}; this was not so when the destruction was decided",
            fix="run the same command again: it decides anew, and keeps it",
        )
    count, remaining = 0, _everything(s3, bucket)
    while batch := list(islice(remaining, BATCH)):
        go_on()
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
        if refused := answer.get("Errors"):
            said = "; ".join(f"{item['Key']}: {item.get('Message', item['Code'])}" for item in refused[:SHOWN])
            raise DataStillKept(f"s3://{bucket}: S3 did not delete {len(refused)} of {len(batch)} versions", why=said)
        count += len(batch)
    return count


def destroy_bucket(s3: Any, bucket: str, rules: Rules, go_on: GoOn) -> None:
    """Empty and delete a bucket that no state holds.

    Raises:
        DataStillKept: see `empty`.
    """
    empty(s3, bucket, rules, go_on)
    try:
        s3.delete_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise


def _everything(s3: Any, bucket: str) -> Iterator[dict[str, str]]:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for item in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            yield {"Key": item["Key"], "VersionId": item["VersionId"]}
