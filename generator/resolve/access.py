"""IAM that follows from what is read and written, and nothing more.

Decides the statements of every job's role and of the role with which the warehouse loads. They are plain data:
Terraform writes the policy. KMS keys have no ARN before they exist, so only the actions on them are decided here; the
tenant module binds the actions to the key and to use through S3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from generator.resolve.locations import Locations

READ_OBJECT = ("s3:GetObject",)
WRITE_OBJECT = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject")
"""A job reads back and clears what it wrote: committers move files, and a repeated attempt starts clean."""
READ_KEY = ("kms:Decrypt",)
WRITE_KEY = ("kms:Decrypt", "kms:GenerateDataKey")


@dataclass(frozen=True)
class Condition:
    test: str
    variable: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """One Allow statement."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Access:
    """What one role may do.

    `tenant_key_actions` are meant for the tenant's KMS key, `platform_key_actions` for the platform's (it encrypts the
    artifacts bucket); both only through S3.
    """

    statements: tuple[Statement, ...]
    tenant_key_actions: tuple[str, ...]
    platform_key_actions: tuple[str, ...] = ()


def job_access(locations: Locations, sources: Iterable[str], datasets: Iterable[str], writes: Iterable[str]) -> Access:
    """Return what a job's role may do.

    Args:
        sources: sources whose raw files the job reads.
        datasets: datasets that the job reads.
        writes: datasets that the job writes.
    """
    raw, curated = locations.names.bucket("raw"), locations.names.bucket("curated")
    code = (f"arn:aws:s3:::{locations.artifacts_bucket}/{locations.code_prefix}*",)
    sources, datasets, writes = sorted(sources), sorted(datasets), sorted(writes)
    statements = [
        _objects("ReadRaw", READ_OBJECT, raw, sources),
        _listing("ListRaw", raw, sources),
        _objects("ReadCurated", READ_OBJECT, curated, datasets),
        _objects("WriteCurated", WRITE_OBJECT, curated, writes),
        _own_key("SeeWhatIsWritten", curated, writes),
        _listing("ListCurated", curated, sorted({*datasets, *writes}), writes),
        Statement("ReadCode", READ_OBJECT, code),
    ]
    return Access(tuple(s for s in statements if s), WRITE_KEY, READ_KEY)


def warehouse_access(locations: Locations, datasets: Iterable[str]) -> Access | None:
    """Return what the role with which Redshift copies published datasets may do; None when none is loaded."""
    curated, datasets = locations.names.bucket("curated"), sorted(datasets)
    statements = [_objects("ReadCurated", READ_OBJECT, curated, datasets), _listing("ListCurated", curated, datasets)]
    return Access(tuple(s for s in statements if s), READ_KEY) if datasets else None


def _objects(sid: str, actions: tuple[str, ...], bucket: str, names: list[str]) -> Statement | None:
    """Return a statement on the objects of each name; None for no names, since IAM refuses an empty list."""
    return Statement(sid, actions, tuple(f"arn:aws:s3:::{bucket}/{name}/*" for name in names)) if names else None


def _own_key(sid: str, bucket: str, names: list[str]) -> Statement | None:
    """Return a statement on the object that is called like the folder: asked for before it."""
    return Statement(sid, READ_OBJECT, tuple(f"arn:aws:s3:::{bucket}/{name}" for name in names)) if names else None


def _listing(sid: str, bucket: str, names: list[str], made: Iterable[str] = ()) -> Statement | None:
    """Return a statement on listing below each name.

    Args:
        made: names whose own key may be asked for before anything is there. S3 says "not found" only to who may list
            that key, and "denied" to others. Source: HeadObject, "Permissions".
    """
    if not names:
        return None
    within = Condition("StringLike", "s3:prefix", (*(f"{name}/*" for name in names), *made))
    return Statement(sid, ("s3:ListBucket",), (f"arn:aws:s3:::{bucket}",), (within,))
