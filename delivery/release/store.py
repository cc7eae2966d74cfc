"""Where an environment's releases lie: one folder a digest in its bucket, written once and never over.

What is fetched is compared with the digest that it was asked for; who signed it is decided by whoever deploys it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from botocore.exceptions import ClientError
from mypy_boto3_s3 import S3Client

from delivery import aws
from delivery.errors import DeliveryError
from delivery.pin import DIGEST
from delivery.release import bundle
from delivery.release.bundle import Release
from generator.model import EnvironmentSpec
from generator.names import Names

BUNDLE, ENVELOPE = "release.tar.gz", "release.dsse.json"
ABSENT = ("NoSuchKey", "404", "NotFound")
EXISTS = ("PreconditionFailed", "ConditionalRequestConflict")


class NotPublished(DeliveryError):
    """A store does not hold a release, or holds half of it."""

    exit_code = 1


class StoreConflict(DeliveryError):
    """A store holds other content where a release should be."""


@dataclass(frozen=True)
class Stored:
    """A release as it was fetched.

    Attributes:
        path: the bundle; its content is what its digest says.
        release: that content.
        envelope: the statement about it, not verified yet.
    """

    path: Path
    release: Release
    envelope: Any


class ReleaseStore:
    """The releases of one environment."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client, self.bucket = client, bucket

    def publish(self, path: Path, envelope: Mapping[str, Any]) -> str:
        """Store a bundle and the statement about it, the bundle first; return the release's digest.

        What is there already stays: equal content is no mistake, and a second statement about it adds nothing.

        Raises:
            BundleBroken: the file is no release.
            StoreConflict: other content is there.
        """
        digest = bundle.read(path).digest
        self._put(digest, BUNDLE, path.read_bytes())
        self._put(digest, ENVELOPE, _text(envelope), is_one_of_many=True)
        return digest

    def fetch(self, digest: str, folder: Path) -> Stored:
        """Copy the release below `folder` and return it.

        Raises:
            NotPublished: it is not there as a whole.
            BundleBroken: it is not what its digest says.
        """
        content, envelope = self._get(digest, BUNDLE), self._get(digest, ENVELOPE)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / BUNDLE
        partial = path.with_suffix(".partial")
        partial.write_bytes(content)
        partial.replace(path)
        release = bundle.read(path)
        if release.digest != digest:
            raise bundle.BundleBroken(
                f"s3://{self.bucket}/{_key(digest, BUNDLE)} holds release {release.digest[:16]}",
                expected=f"release {digest[:16]}",
                why="somebody has put another file in its place",
                fix="compare the object's versions in S3; CloudTrail says who wrote it",
            )
        return Stored(path, release, json.loads(envelope))

    def copy_to(self, other: ReleaseStore, digest: str) -> None:
        """Store the release in `other` too, the same bytes.

        Raises:
            NotPublished, BundleBroken, StoreConflict: see there.
        """
        with TemporaryDirectory() as folder:
            stored = self.fetch(digest, Path(folder))
            other.publish(stored.path, stored.envelope)

    def has(self, digest: str) -> bool:
        """Tell whether the whole release is here."""
        try:
            for name in (BUNDLE, ENVELOPE):
                self._client.head_object(Bucket=self.bucket, Key=_key(digest, name))
        except ClientError as error:
            if error.response["Error"]["Code"] in ABSENT:
                return False
            raise
        return True

    def _get(self, digest: str, name: str) -> bytes:
        if not DIGEST.fullmatch(digest):
            raise self._missing(digest, "that is no digest of a release")
        try:
            return self._client.get_object(Bucket=self.bucket, Key=_key(digest, name))["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
            raise self._missing(digest, f"{name} is not there") from error

    def _put(self, digest: str, name: str, content: bytes, *, is_one_of_many: bool = False) -> None:
        try:
            self._client.put_object(Bucket=self.bucket, Key=_key(digest, name), Body=content, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] not in EXISTS:
                raise
            if not is_one_of_many and self._get(digest, name) != content:
                raise StoreConflict(
                    f"s3://{self.bucket}/{_key(digest, name)} holds something else",
                    why="a release is its content, and this place is taken by other content",
                    fix="compare the object's versions in S3; CloudTrail says who wrote it",
                ) from error

    def _missing(self, digest: str, why: str) -> NotPublished:
        return NotPublished(
            f"s3://{self.bucket}: release {digest[:16]} is not published here",
            why=why,
            fix="sluice release publish FILE --env ENVIRONMENT, or sluice promote",
        )


def store_of(spec: EnvironmentSpec, variables: Mapping[str, str], role: str | None = None) -> ReleaseStore:
    """Return the release store of an environment, reached as `role`; see `delivery.aws`."""
    return ReleaseStore(aws.client("s3", spec, variables, role), Names(spec).bucket("releases"))


def _key(digest: str, name: str) -> str:
    return f"releases/{digest}/{name}"


def _text(envelope: Mapping[str, Any]) -> bytes:
    return (json.dumps(envelope, indent=1, sort_keys=True) + "\n").encode()
