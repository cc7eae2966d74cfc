"""Tenants that were deployed, that Git holds no more, and that nobody has decommissioned: none is forgotten."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from mypy_boto3_s3 import S3Client

from delivery.decommission.source import DEPLOYED
from delivery.ledger import Record
from delivery.workspace import PLATFORM
from generator.model import EnvironmentSpec
from generator.names import Names

STATE = "/terraform.tfstate"
"""What the key of a stack's state ends with, behind the stack's name."""


def waiting(
    spec: EnvironmentSpec, history: Sequence[Record], rendered: Collection[str], standing: Collection[str] = ()
) -> list[str]:
    """Return the names of the tenants that wait for their decommission, sorted.

    Args:
        history: the environment's ledger, the oldest record first; what a deploy began with counts.
        rendered: names of the stacks that Git holds for the environment.
        standing: names of stacks that stand, whatever the ledger says; see `standing_stacks`.
    """
    known: set[str] = set()
    ever = set(rendered)
    for record in history:
        names = {stack.removeprefix(f"{spec.environment}/") for stack in record.plans}
        if record.event in DEPLOYED:
            known |= names
            ever |= names
        elif record.event == "decommissioned":
            known -= names
    known |= set(standing)  # a state that holds something is no tenant that ended
    own = tuple(f"{Names(spec, name).prefix}-" for name in ever)  # of their CloudFormation stacks, which end with them
    return sorted(name for name in known - set(rendered) - {PLATFORM} if not name.startswith(own))


def standing_stacks(client: S3Client, spec: EnvironmentSpec, but: Collection[str]) -> list[str]:
    """Return the names of the stacks whose state holds resources, also of those that no deploy has changed.

    Args:
        but: names of stacks whose states need not be read.
    """
    bucket = Names(spec).bucket("tfstate")
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = (item["Key"] for page in pages for item in page.get("Contents", []))
    names = (key.removesuffix(STATE) for key in keys if key.endswith(STATE))
    return [name for name in names if name not in but and _holds_something(client, bucket, f"{name}{STATE}")]


def _holds_something(client: S3Client, bucket: str, key: str) -> bool:
    """Tell whether a state holds resources; one that cannot be read may."""
    body = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    try:
        return bool(json.loads(body)["resources"])
    except (ValueError, KeyError, TypeError):
        return True
