"""The objects that COPY reads and UNLOAD writes: whose bucket they are in, which ones a command means.

Reaches S3 inside the process, as the warehouse reaches it inside AWS; it must not know formats or tables.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.s3.models import s3_backends

LOCATION = re.compile(r"s3://(?P<bucket>[^/]+)/(?P<key>.*)")


class StorageError(Exception):
    """S3 does not hold what a command names; the text is Redshift's."""


@dataclass(frozen=True)
class Location:
    """A bucket with a key or a prefix."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, uri: str) -> Location:
        match = LOCATION.fullmatch(uri)
        if match is None:
            raise StorageError(f"Invalid S3 location {uri!r}; expected s3://bucket/key")
        return cls(match["bucket"], match["key"])

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def read(location: Location) -> bytes:
    """Return an object's bytes.

    Raises:
        StorageError: no such bucket or object.
    """
    found = _backend(location).get_object(location.bucket, location.key)
    if found is None:
        raise StorageError(
            f"S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey,Key {location.key}"
        )
    content: bytes = found.value
    return content


def write(location: Location, content: bytes) -> None:
    """Write one object, with the bucket's own encryption."""
    _backend(location).put_object(location.bucket, location.key, content)


def under(prefix: Location) -> list[Location]:
    """Return the objects whose keys begin with a prefix, in the order of their keys, hidden ones left out."""
    bucket = _backend(prefix).get_bucket(prefix.bucket)
    keys = sorted(key for key in bucket.keys if key.startswith(prefix.key) and not key.endswith("/"))
    return [Location(prefix.bucket, key) for key in keys if not key.rsplit("/", 1)[-1].startswith(("_", "."))]


def objects_of_prefix(prefix: Location) -> Iterator[tuple[Location, bytes]]:
    """Yield the objects that `COPY … FROM 's3://prefix'` means.

    Raises:
        StorageError: there is none.
    """
    found = under(prefix)
    if not found:
        raise StorageError(f"The specified S3 prefix '{prefix.key}' does not exist")
    for location in found:
        yield location, read(location)


def objects_of_manifest(manifest: Location) -> Iterator[tuple[Location, bytes]]:
    """Yield the objects that a COPY manifest lists, each checked against the size the manifest gives.

    Raises:
        StorageError: the manifest is malformed, a mandatory object is missing, or a size differs.

    Source: Redshift Database Developer Guide, "Using a manifest to specify data files"; columnar formats need
    `meta.content_length`.
    """
    for entry in _entries(manifest):
        location = Location.parse(str(entry.get("url", "")))
        expected = (entry.get("meta") or {}).get("content_length")
        if not isinstance(expected, int):
            raise StorageError(f"Manifest {manifest}: entry {location} has no meta.content_length, which PARQUET needs")
        try:
            content = read(location)
        except StorageError:
            if entry.get("mandatory", False):
                raise
            continue
        if len(content) != expected:
            raise StorageError(
                f"Manifest {manifest}: {location} has {len(content)} bytes; meta.content_length says {expected}"
            )
        yield location, content


def _entries(manifest: Location) -> list[dict[str, Any]]:
    try:
        entries = json.loads(read(manifest))["entries"]
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(f"Manifest {manifest} is not a JSON object with 'entries' ({error!r})") from error
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise StorageError(f"Manifest {manifest}: 'entries' is not a list of objects")
    if not entries:
        raise StorageError(f"Manifest {manifest} lists no file")
    return entries


def _backend(location: Location) -> Any:
    """The S3 of the account that owns a bucket: bucket names are global, accounts are not."""
    if location.bucket not in s3_backends.bucket_accounts:
        raise StorageError(
            "S3ServiceException:The specified bucket does not exist,Status 404,Error NoSuchBucket,"
            f"Bucket {location.bucket}"
        )
    partition, account_id = s3_backends.bucket_accounts[location.bucket]
    return s3_backends[account_id][partition]
