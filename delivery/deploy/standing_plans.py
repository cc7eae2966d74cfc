"""The last plan of each stack, kept beside the ledger for deploys that do not plan the stack again.

Everything is stored under the digest of its bytes, written once and never over. A list names the plan of every stack,
and the ledger's record of a deploy names the list: whoever puts other bytes in a place is found out by the digest. For
the same reason a copy on this machine is as good as what lies there, and saves a request for each stack.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import threading
import zlib
from collections.abc import Mapping
from pathlib import Path

import msgspec
from botocore.exceptions import ClientError
from mypy_boto3_s3 import S3Client

from delivery import aws
from delivery.pin import DIGEST
from delivery.release.store import ABSENT, EXISTS
from generator.model import EnvironmentSpec
from generator.names import Names

COPIES = Path(".sluice/kept")
LEVEL = 6
"""Of compression; 9 takes three times as long for two percent."""


class StandingPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of one stack since it was planned, and applied where something differed.

    Attributes:
        plan: digest of what was kept of the plan.
        state: mark of the state that the stack has had since then; see `delivery.deploy.states`.
        terraform: version that planned.
    """

    plan: str
    state: str
    terraform: str


Standings = Mapping[str, StandingPlan]
"""`{<environment>/<stack>: what is known of it}`."""
_decode = msgspec.json.Decoder(dict[str, StandingPlan]).decode


class StandingPlans:
    """The kept plans of one environment.

    Attributes:
        client: reads the states' marks too; see `delivery.deploy.states`.
    """

    def __init__(self, client: S3Client, bucket: str, environment: str, copies: Path | None = None) -> None:
        self.client, self._bucket, self._prefix, self._copies = client, bucket, f"kept/{environment}/", copies

    def keep(self, content: bytes) -> str:
        """Store `content` and return the digest under which it lies; what lies there already stays."""
        body = gzip.compress(content, LEVEL, mtime=0)
        digest = hashlib.sha256(body).hexdigest()
        try:
            self.client.put_object(Bucket=self._bucket, Key=self._key(digest), Body=body, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] not in EXISTS:
                raise
        return digest

    def get(self, digest: str) -> bytes | None:
        """Return, compressed, what lies under `digest`; None where nothing does, or something else."""
        if not DIGEST.fullmatch(digest):
            return None
        copy = self._copies / digest if self._copies else None
        if copy and copy.is_file() and _is(digest, body := copy.read_bytes()):
            return body
        try:
            body = self.client.get_object(Bucket=self._bucket, Key=self._key(digest))["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
            return None
        if not _is(digest, body):
            return None
        if copy:
            _write(copy, body)
        return body

    def keep_list(self, standings: Standings) -> str:
        """Store the list of all stacks' plans and return its digest, for the ledger."""
        return self.keep(msgspec.json.encode(standings, order="sorted"))

    def get_list(self, digest: str) -> Standings | None:
        """Return the list that lies under `digest`; None where there is none that can be relied on."""
        body = self.get(digest)
        try:
            return None if body is None else _decode(opened(body))
        except (OSError, EOFError, zlib.error, msgspec.MsgspecError):
            return None

    def _key(self, digest: str) -> str:
        return f"{self._prefix}{digest}.json.gz"


def _is(digest: str, body: bytes) -> bool:
    return hashlib.sha256(body).hexdigest() == digest


def _write(path: Path, body: bytes) -> None:
    """Write a file whole or not at all, in a folder that only its owner reads."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    partial.write_bytes(body)
    partial.replace(path)


def opened(body: bytes) -> bytes:
    """Return what `keep` was given; only of bytes whose digest was compared."""
    return gzip.decompress(body)


def standing_plans_of(root: Path, spec: EnvironmentSpec, variables: Mapping[str, str]) -> StandingPlans:
    """Return the kept plans of an environment, reached as its deploy role; see `delivery.aws`.

    Args:
        root: the checkout, which holds the copies.
    """
    copies = root / COPIES / spec.environment
    return StandingPlans(aws.client("s3", spec, variables), Names(spec).bucket("ledger"), spec.environment, copies)
