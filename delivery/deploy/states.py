"""Marks of Terraform states: equal as long as nobody has written the state, however he came to write it.

A mark is what S3 calls the object's ETag, which is another one for other content. Reading all of an environment's marks
takes one request for a thousand states, and none of the states' content, which holds secrets.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from botocore.exceptions import ClientError
from mypy_boto3_s3 import S3Client

from delivery.release.store import ABSENT
from delivery.workspace import StackId

BACKEND = "terraform/backend.tf.json"


class StateObject(NamedTuple):
    """Where a state lies."""

    bucket: str
    key: str


def marks(client: S3Client, root: Path, stacks: Iterable[StackId]) -> dict[StackId, str]:
    """Return the mark of every state that exists, of the stacks whose backend can be told.

    Args:
        root: tree from which the stacks are planned.
    """
    places = {stack: place for stack in stacks if (place := state_object(root, stack))}
    found = {bucket: _listed(client, bucket) for bucket in {place.bucket for place in places.values()}}
    return {stack: mark for stack, place in places.items() if (mark := found[place.bucket].get(place.key))}


def mark(client: S3Client, root: Path, stack: StackId) -> str:
    """Return the mark of one state; empty where there is none, or nobody can tell where it lies."""
    place = state_object(root, stack)
    if place is None:
        return ""
    try:
        return client.head_object(Bucket=place.bucket, Key=place.key)["ETag"]
    except ClientError as error:
        if error.response["Error"]["Code"] not in ABSENT:
            raise
        return ""


def state_object(root: Path, stack: StackId) -> StateObject | None:
    """Return where a rendered stack keeps its state; None unless its backend says so in full."""
    try:
        backend = json.loads((root / stack.rendered / BACKEND).read_bytes())["terraform"]["backend"]["s3"]
        bucket, key = backend["bucket"], backend["key"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return StateObject(bucket, key) if isinstance(bucket, str) and isinstance(key, str) else None


def _listed(client: S3Client, bucket: str) -> dict[str, str]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {item["Key"]: item["ETag"] for page in pages for item in page.get("Contents", [])}
