"""What is remembered of a decommission: JSON documents in the ledger's bucket, one a step, never changed.

The newest one says what is kept, and that is what later runs believe; tags in the cloud only repeat it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from delivery.decommission.kept import Kept
from delivery.errors import DeliveryError

FORMAT = 1
DIGITS = 4
STARTED, FINISHED = "started", "finished"


class EvidenceMoved(DeliveryError):
    """Somebody else decommissions the same tenant."""

    exit_code = 1


class EvidenceUnreadable(DeliveryError):
    """A document is not one of ours: what is kept is not known."""

    exit_code = 4


class Evidence:
    """The documents of one tenant in one environment."""

    def __init__(self, s3: Any, bucket: str, environment: str, tenant: str) -> None:
        self._s3, self._bucket = s3, bucket
        self._prefix = f"decommissioned/{environment}/{tenant}/"

    def documents(self) -> list[dict[str, Any]]:
        """Return every document, the oldest first.

        Raises:
            EvidenceUnreadable: one is not as this program writes it, or one is missing.
        """
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        keys = sorted(item["Key"] for page in pages for item in page.get("Contents", []))
        if keys != [self._key(number) for number in range(1, len(keys) + 1)]:
            raise self._unreadable(self._prefix, "its documents are not numbered from 1 without a gap")
        return [self._read(key) for key in keys]

    def write(self, document: Mapping[str, Any], after: int) -> str:
        """Write the document behind `after` others and return its address.

        Raises:
            EvidenceMoved: another stands there already.
        """
        key = self._key(after + 1)
        body = json.dumps({"format": FORMAT, **document}, indent=1, sort_keys=True) + "\n"
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body.encode(), IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("PreconditionFailed", "ConditionalRequestConflict"):
                raise
            raise EvidenceMoved(
                f"s3://{self._bucket}/{key} was written by somebody else",
                why="two decommissions of one tenant would not know of each other",
                fix="wait for the other to end, then run the same command again",
            ) from error
        return f"s3://{self._bucket}/{key}"

    def _key(self, number: int) -> str:
        return f"{self._prefix}{number:0{DIGITS}d}.json"

    def _read(self, key: str) -> dict[str, Any]:
        body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        try:
            document: dict[str, Any] = json.loads(body)
            is_ours = document["format"] == FORMAT and document["stage"] in (STARTED, FINISHED)
            kept_in(document)
        except (ValueError, KeyError, TypeError) as error:
            raise self._unreadable(key, repr(error)) from error
        if not is_ours:
            raise self._unreadable(key, "it is of another form")
        return document

    def _unreadable(self, key: str, why: str) -> EvidenceUnreadable:
        return EvidenceUnreadable(
            f"s3://{self._bucket}/{key}: what was kept cannot be read",
            why=why,
            fix="compare the object's versions in S3; CloudTrail says who wrote it",
        )


def kept_in(document: Mapping[str, Any]) -> list[Kept]:
    """Return what a document says is kept."""
    return [Kept(**item) for item in document["kept"]]
