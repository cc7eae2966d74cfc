"""Kept plans are found by the digest that the ledger names, or not at all."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from mypy_boto3_s3 import S3Client

from delivery.deploy.standing_plans import StandingPlan, StandingPlans, opened
from tests.delivery.conftest import LEDGER_BUCKET

ONE = StandingPlan("1" * 64, '"mark"', "1.11.4")


@pytest.fixture
def shelf(ledger_s3: S3Client) -> StandingPlans:
    return StandingPlans(ledger_s3, LEDGER_BUCKET, "prod")


def key(digest: str) -> str:
    return f"kept/prod/{digest}.json.gz"


def test_what_is_kept_twice_is_one_object_and_comes_back(ledger_s3: S3Client, shelf: StandingPlans) -> None:
    digest = shelf.keep(b"a plan")
    assert shelf.keep(b"a plan") == digest
    body = shelf.get(digest)
    assert body is not None
    assert opened(body) == b"a plan"
    assert [item["Key"] for item in ledger_s3.list_objects_v2(Bucket=LEDGER_BUCKET)["Contents"]] == [key(digest)]
    assert StandingPlans(ledger_s3, LEDGER_BUCKET, "dev").get(digest) is None, "environments do not share"


def test_other_bytes_in_its_place_are_not_taken(ledger_s3: S3Client, shelf: StandingPlans) -> None:
    digest = shelf.keep(b"a plan")
    ledger_s3.put_object(Bucket=LEDGER_BUCKET, Key=key(digest), Body=gzip.compress(b"another plan", mtime=0))
    assert shelf.get(digest) is None
    assert shelf.keep(b"a plan") == digest
    assert shelf.get(digest) is None, "nothing is written over, not even to mend it: the stack is planned"


def test_what_is_gone_or_no_digest_is_not_there(shelf: StandingPlans) -> None:
    assert shelf.get("0" * 64) is None
    assert shelf.get("../ledger/prod/00000001") is None
    assert shelf.get("") is None


def test_a_list_comes_back_only_as_it_was_kept(shelf: StandingPlans) -> None:
    listed = {"prod/platform": ONE, "prod/annuity": StandingPlan("2" * 64, "", "1.12.0")}
    digest = shelf.keep_list(listed)
    assert shelf.get_list(digest) == listed
    assert shelf.keep_list(dict(reversed(listed.items()))) == digest, "in whatever order"
    for text in (b"[]", b"{", b'{"prod/annuity": {"plan": "1"}}', b'{"a/b": {"plan": 1, "state": 2, "terraform": 3}}'):
        assert shelf.get_list(shelf.keep(text)) is None
    assert shelf.get_list("f" * 64) is None


def test_a_copy_on_this_machine_saves_the_request_and_is_compared_too(ledger_s3: S3Client, tmp_path: Path) -> None:
    shelf = StandingPlans(ledger_s3, LEDGER_BUCKET, "prod", tmp_path / "kept")
    digest = shelf.keep(b"a plan")
    body = shelf.get(digest)
    ledger_s3.delete_object(Bucket=LEDGER_BUCKET, Key=key(digest))
    assert shelf.get(digest) == body
    (tmp_path / "kept" / digest).write_bytes(gzip.compress(b"another plan", mtime=0))
    assert shelf.get(digest) is None
    assert shelf.keep(b"a plan") == digest
    assert shelf.get(digest) == body, "from S3, and the copy is put right"
    assert [path.read_bytes() for path in (tmp_path / "kept").iterdir()] == [body]


def test_what_is_not_what_its_digest_says_is_not_copied(ledger_s3: S3Client, tmp_path: Path) -> None:
    shelf = StandingPlans(ledger_s3, LEDGER_BUCKET, "prod", tmp_path / "kept")
    digest = shelf.keep(b"a plan")
    ledger_s3.put_object(Bucket=LEDGER_BUCKET, Key=key(digest), Body=gzip.compress(b"another plan", mtime=0))
    assert shelf.get(digest) is None
    assert shelf.get("0" * 64) is None
    assert not (tmp_path / "kept").exists()
