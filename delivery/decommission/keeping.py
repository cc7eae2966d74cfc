"""Marking what is kept: tags that say until when and for what, and a policy under which nobody writes or deletes.

Each step may be repeated. It must not know why something is kept.
"""

from __future__ import annotations

import json
import re
from typing import Any

from botocore.exceptions import ClientError

from delivery.decommission.kept import Kept
from delivery.decommission.retention import bucket_tags
from delivery.tagged import Clients

UNTIL_TAG, FOR_TAG = "retained-until", "retained-for"
NO_DAY = "unknown"
SID = "DecommissionedNobodyWrites"
NOT_IN_TAGS = re.compile(r"[^\w .:/=+@-]", re.ASCII)
LONGEST_VALUE = 256
WRITES = ("s3:PutObject",)
DELETIONS = ("s3:DeleteBucket", "s3:DeleteObject", "s3:DeleteObjectVersion")
NO_POLICY = "NoSuchBucketPolicy"


def mark(clients: Clients, kept: Kept, ticket: str) -> None:
    """Tag one kept resource, and close a bucket for writers; what else protects it stays as it is."""
    value = NOT_IN_TAGS.sub("_", f"{ticket}: {kept.why}")[:LONGEST_VALUE]
    tags = {UNTIL_TAG: kept.until or NO_DAY, FOR_TAG: value}
    if kept.bucket:
        s3 = clients("s3")
        merged = bucket_tags(s3, kept.bucket) | tags
        own = {key: text for key, text in merged.items() if not key.startswith("aws:")}  # AWS's own stay by themselves
        listed = [{"Key": key, "Value": text} for key, text in sorted(own.items())]
        s3.put_bucket_tagging(Bucket=kept.bucket, Tagging={"TagSet": listed})
        deny(s3, kept.bucket, WRITES + DELETIONS)
    elif kept.is_key:
        listed = [{"TagKey": key, "TagValue": text} for key, text in tags.items()]
        clients("kms").tag_resource(KeyId=kept.arn, Tags=listed)


def deny(s3: Any, bucket: str, actions: tuple[str, ...]) -> None:
    """Deny everybody `actions`, and what was denied by an earlier call no more.

    S3's own lifecycle still deletes what is too old, and whoever may can still set a legal hold.
    """
    denial = {
        "Sid": SID,
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": list(actions),
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    }
    statements = [*_others(s3, bucket), denial]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))


def _others(s3: Any, bucket: str) -> list[dict[str, Any]]:
    try:
        policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError as error:
        if error.response["Error"]["Code"] != NO_POLICY:
            raise
        return []
    return [statement for statement in policy["Statement"] if statement.get("Sid") != SID]
