"""A store holds a release whole, the same for ever, or says that it does not."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from mypy_boto3_s3 import S3Client

from delivery.release import bundle
from delivery.release.bundle import Release
from delivery.release.store import NotPublished, ReleaseStore, StoreConflict
from tests.delivery.conftest import client

ENVELOPE: dict[str, Any] = {"payload": "", "payloadType": "", "signatures": []}
_buckets = itertools.count(1)


@pytest.fixture(scope="module")
def s3_client(s3: dict[str, str]) -> S3Client:
    return client(s3)


@pytest.fixture
def store(s3_client: S3Client) -> ReleaseStore:
    return empty(s3_client)


def empty(s3_client: S3Client) -> ReleaseStore:
    name = f"releases-{next(_buckets)}"
    s3_client.create_bucket(Bucket=name)
    return ReleaseStore(s3_client, name)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    return bundle.write(Release({"environments/dev/rendered/platform/terraform/main.tf": b""}), tmp_path / "dist")


def test_what_was_published_is_fetched(store: ReleaseStore, built: Path, tmp_path: Path) -> None:
    digest = store.publish(built, ENVELOPE)
    assert store.has(digest)
    stored = store.fetch(digest, tmp_path / "here")
    assert bundle.read(stored.path) == bundle.read(built)
    assert stored.envelope == ENVELOPE


def test_a_second_statement_changes_nothing(store: ReleaseStore, built: Path, tmp_path: Path) -> None:
    digest = store.publish(built, ENVELOPE)
    assert store.publish(built, {**ENVELOPE, "payload": "later"}) == digest
    assert store.fetch(digest, tmp_path / "here").envelope == ENVELOPE


def test_other_content_in_its_place_is_a_conflict(store: ReleaseStore, s3_client: S3Client, built: Path) -> None:
    digest = bundle.read(built).digest
    s3_client.put_object(Bucket=store.bucket, Key=f"releases/{digest}/release.tar.gz", Body=b"other")
    with pytest.raises(StoreConflict):
        store.publish(built, ENVELOPE)


def test_half_a_release_is_none_and_is_completed(
    store: ReleaseStore, s3_client: S3Client, built: Path, tmp_path: Path
) -> None:
    digest = bundle.read(built).digest
    s3_client.put_object(Bucket=store.bucket, Key=f"releases/{digest}/release.tar.gz", Body=built.read_bytes())
    assert not store.has(digest)
    with pytest.raises(NotPublished, match=r"release\.dsse\.json is not there"):
        store.fetch(digest, tmp_path / "here")
    store.publish(built, ENVELOPE)
    assert store.has(digest)


def test_a_copy_is_the_same_release(store: ReleaseStore, s3_client: S3Client, built: Path, tmp_path: Path) -> None:
    other = empty(s3_client)
    digest = store.publish(built, ENVELOPE)
    store.copy_to(other, digest)
    store.copy_to(other, digest)
    assert other.fetch(digest, tmp_path / "here").path.read_bytes() == built.read_bytes()
    with pytest.raises(NotPublished):
        store.copy_to(other, "0" * 64)


@pytest.mark.parametrize("digest", ["", "../../ledger", "A" * 64])
def test_only_digests_are_looked_for(store: ReleaseStore, tmp_path: Path, digest: str) -> None:
    with pytest.raises(NotPublished, match="no digest"):
        store.fetch(digest, tmp_path)
