"""The ledger only grows, tells when it was touched, and lets one of two writers through."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest
from mypy_boto3_s3 import S3Client

from delivery import ledger
from delivery.ledger import Ledger, LedgerBroken, LedgerMoved, Record, proof_of
from tests.delivery.conftest import LEDGER_BUCKET

FIRST = Record("deployed", "a" * 64, "jenkins/7", "2026-11-23T06:00:00+00:00", {"prod/platform": "1" * 64}, "ann")


@pytest.fixture
def book(ledger_s3: S3Client) -> Ledger:
    return Ledger(ledger_s3, LEDGER_BUCKET, "prod")


def grow(book: Ledger, *records: Record) -> list[Record]:
    for record in records:
        book.append(record, book.history())
    return book.history()


def test_records_are_numbered_and_chained(book: Ledger) -> None:
    assert book.history() == []
    history = grow(book, FIRST, replace(FIRST, event="verified"), replace(FIRST, release="b" * 64))
    assert [record.sequence for record in history] == [1, 2, 3]
    assert history[0].predecessor == ""
    assert len({record.predecessor for record in history}) == 3


def test_a_record_that_keeps_no_plans_stands_as_before_plans_were_kept(ledger_s3: S3Client, book: Ledger) -> None:
    grow(book, FIRST, replace(FIRST, standing="5" * 64))
    keys = (f"ledger/prod/{number:08d}.json" for number in (1, 2))
    bodies = [ledger_s3.get_object(Bucket=LEDGER_BUCKET, Key=key)["Body"].read() for key in keys]
    assert "standing" not in json.loads(bodies[0])
    assert json.loads(bodies[1])["standing"] == "5" * 64
    assert [record.standing for record in book.history()] == ["", "5" * 64]


def test_a_verification_can_be_followed_to_the_one_that_ran_every_pipeline(book: Ledger) -> None:
    verified = replace(FIRST, event="verified", plans={}, probe_date="2026-10-31")
    history = grow(book, FIRST, verified, FIRST, replace(verified, rests_on=2), FIRST)
    assert proof_of(history) == [], "what runs now was not verified since"
    history = grow(book, replace(verified, rests_on=4))
    assert [record.sequence for record in proof_of(history)] == [6, 4, 2]
    assert [record.sequence for record in proof_of(history[:4])] == [4, 2]
    assert proof_of([]) == []


@pytest.mark.parametrize("number", [1, 3, 4, -1, True, "2"], ids=str)
def test_a_verification_that_rests_on_none_breaks_the_ledger(book: Ledger, number: object) -> None:
    verified = replace(FIRST, event="verified")
    assert len(grow(book, FIRST, verified, replace(FIRST, event="failed"))) == 3
    book.append(replace(verified, rests_on=cast(int, number)), book.history())
    with pytest.raises(LedgerBroken, match="which is no verification before it"):
        book.history()


def test_environments_have_ledgers_of_their_own(ledger_s3: S3Client, book: Ledger) -> None:
    grow(book, FIRST)
    assert Ledger(ledger_s3, LEDGER_BUCKET, "dev").history() == []


def test_one_of_two_writers_is_told_to_read_again(book: Ledger) -> None:
    seen = book.history()
    book.append(FIRST, seen)
    with pytest.raises(LedgerMoved, match="written by somebody else"):
        book.append(replace(FIRST, release="b" * 64), seen)
    assert [record.release for record in book.history()] == ["a" * 64]


def _rewrite(change: Callable[[dict[str, object]], object]) -> Callable[[bytes], bytes]:
    def edit(body: bytes) -> bytes:
        data = json.loads(body)
        change(data)
        return (json.dumps(data, indent=1, sort_keys=True) + "\n").encode()

    return edit


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(_rewrite(lambda data: data.update(release="c" * 64)), id="another release"),
        pytest.param(_rewrite(lambda data: data.update(approved_by="mallory")), id="another approver"),
        pytest.param(_rewrite(lambda data: data.update(sequence=7)), id="another number"),
        pytest.param(_rewrite(lambda data: data.update(event="blessed")), id="unknown event"),
        pytest.param(_rewrite(lambda data: data.update(extra=1)), id="unknown field"),
        pytest.param(_rewrite(lambda data: data.pop("by")), id="missing field"),
        pytest.param(_rewrite(lambda data: data.update(standing="6" * 64)), id="other kept plans"),
        pytest.param(_rewrite(lambda data: data.update(standing="")), id="kept plans of nothing"),
        pytest.param(lambda body: body.replace(b"\n", b""), id="other form"),
        pytest.param(lambda body: body[:-5], id="truncated"),
        pytest.param(lambda body: b"[]", id="a list"),
    ],
)
@pytest.mark.parametrize("position", [1, 2])
def test_a_changed_record_breaks_the_chain(
    edit: Callable[[bytes], bytes], position: int, ledger_s3: S3Client, book: Ledger
) -> None:
    grow(book, FIRST, replace(FIRST, event="verified"), replace(FIRST, release="b" * 64))
    key = f"ledger/prod/{position:08d}.json"
    body = ledger_s3.get_object(Bucket=LEDGER_BUCKET, Key=key)["Body"].read()
    ledger_s3.put_object(Bucket=LEDGER_BUCKET, Key=key, Body=edit(body))
    with pytest.raises(LedgerBroken):
        book.history()


@pytest.mark.parametrize("position", [1, 2])
def test_a_removed_record_breaks_the_chain(position: int, ledger_s3: S3Client, book: Ledger) -> None:
    grow(book, FIRST, replace(FIRST, event="verified"), replace(FIRST, release="b" * 64))
    ledger_s3.delete_object(Bucket=LEDGER_BUCKET, Key=f"ledger/prod/{position:08d}.json")
    with pytest.raises(LedgerBroken):
        book.history()


def test_a_foreign_object_breaks_the_chain(ledger_s3: S3Client, book: Ledger) -> None:
    grow(book, FIRST)
    ledger_s3.put_object(Bucket=LEDGER_BUCKET, Key="ledger/prod/notes.txt", Body=b"hello")
    with pytest.raises(LedgerBroken):
        book.history()


def test_what_runs_and_what_was_verified() -> None:
    deployed_a, deployed_b = FIRST, replace(FIRST, release="b" * 64)
    verified_a, verified_b = replace(deployed_a, event="verified"), replace(deployed_b, event="verified")
    failed_b = replace(deployed_b, event="failed")

    def history(*records: Record) -> list[Record]:
        return [replace(record, sequence=number) for number, record in enumerate(records, 1)]

    assert ledger.running([]) is None
    assert not ledger.is_verified([], "a" * 64)
    seen = history(deployed_a, verified_a)
    assert ledger.is_verified(seen, "a" * 64)
    assert ledger.last_verified(seen, before="a" * 64) == ""
    seen = history(deployed_a, verified_a, deployed_b)
    assert not ledger.is_verified(seen, "b" * 64)
    assert not ledger.is_verified(seen, "a" * 64), "it was verified, but something else runs now"
    seen = history(deployed_a, verified_a, deployed_b, failed_b)
    assert ledger.last_verified(seen, before="b" * 64) == "a" * 64
    seen = history(deployed_a, verified_a, deployed_b, verified_b, deployed_a)
    assert not ledger.is_verified(seen, "a" * 64), "a release that is deployed again is verified again"
