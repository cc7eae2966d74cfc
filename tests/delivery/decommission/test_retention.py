"""What keeps a bucket: retention from its newest data, locks, holds; and what does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from delivery.decommission.emptying import DataStillKept, empty
from delivery.decommission.keeping import DELETIONS, WRITES, deny, mark
from delivery.decommission.kept import Kept, Rules
from delivery.decommission.retention import RAW_DAYS, reason_to_keep
from delivery.tagged import Clients
from tests.delivery.decommission.conftest import REPOSITORY

TODAY = datetime.now(UTC).date()
NUMBERS = count()
DENIED = r"403|AccessDenied"
MakeBucket = Callable[..., str]


def go_on() -> None:
    """Nobody interrupts."""


def rules(days_later: int = 0, **changed: Any) -> Rules:
    given: dict[str, Any] = {
        "retention_days": 365,
        "is_protected": True,
        "raw_bucket": "",
        "hold_until": None,
        "today": TODAY + timedelta(days=days_later),
    }
    return Rules(**(given | changed))


@pytest.fixture
def bucket(clients: Clients) -> MakeBucket:
    def make(*, objects: int = 1, lock: bool = False, tags: dict[str, str] | None = None) -> str:
        name, s3 = f"bucket-{next(NUMBERS)}", clients("s3")
        s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        if tags:
            listed = [{"Key": key, "Value": value} for key, value in tags.items()]
            s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": listed})
        for number in range(objects):
            s3.put_object(Bucket=name, Key=f"k{number}", Body=b"data")
        return name

    return make


def test_retention_counts_from_the_newest_data(clients: Clients, bucket: MakeBucket) -> None:
    name = bucket()
    reason = reason_to_keep(clients("s3"), name, rules(364))
    assert reason is not None
    assert reason.until == (TODAY + timedelta(days=365)).isoformat()
    assert "retention of 365 days" in reason.why
    assert reason_to_keep(clients("s3"), name, rules(365)) is None


def test_a_version_that_was_deleted_is_data_and_a_delete_marker_is_none(clients: Clients, bucket: MakeBucket) -> None:
    s3, name = clients("s3"), bucket()
    version = s3.list_object_versions(Bucket=name)["Versions"][0]["VersionId"]
    s3.delete_object(Bucket=name, Key="k0")
    assert reason_to_keep(s3, name, rules()) is not None
    s3.delete_object(Bucket=name, Key="k0", VersionId=version)
    assert reason_to_keep(s3, name, rules()) is None


def test_raw_data_is_kept_for_as_long_as_the_lake_keeps_it(clients: Clients, bucket: MakeBucket) -> None:
    name = bucket()
    assert reason_to_keep(clients("s3"), name, rules(89, raw_bucket=name)) is not None
    assert reason_to_keep(clients("s3"), name, rules(90, raw_bucket=name)) is None


def test_the_lake_keeps_raw_data_as_long_as_this_program_says() -> None:
    text = (REPOSITORY / "modules/lake/variables.tf").read_text()
    declared = re.search(r'variable "raw_retention_days" \{[^}]*default\s*=\s*(\d+)', text)
    assert declared is not None
    assert int(declared[1]) == RAW_DAYS


def test_a_lifecycle_shortened_by_hand_changes_nothing(clients: Clients, bucket: MakeBucket) -> None:
    name = bucket()
    rule = {"ID": "x", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}
    clients("s3").put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [rule]})
    assert reason_to_keep(clients("s3"), name, rules(300)) is not None


def test_a_lock_that_is_longer_than_the_retention_wins(clients: Clients, bucket: MakeBucket) -> None:
    s3, name = clients("s3"), bucket(objects=0, lock=True)
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 500}}
    s3.put_object_lock_configuration(
        Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    s3.put_object(Bucket=name, Key="k", Body=b"data")
    reason = reason_to_keep(s3, name, rules(400))
    assert reason is not None
    assert reason.until == (TODAY + timedelta(days=500)).isoformat()


@pytest.mark.parametrize("value", ["case 12", ""])
def test_a_hold_on_the_bucket_keeps_it_whatever_it_holds(clients: Clients, bucket: MakeBucket, value: str) -> None:
    name = bucket(objects=0, tags={"legal-hold": value})
    reason = reason_to_keep(clients("s3"), name, rules(9999, is_protected=False))
    assert reason is not None
    assert reason.until == ""
    assert "legal hold" in reason.why


def test_a_hold_on_one_object_keeps_the_bucket_where_retention_does_not(clients: Clients, bucket: MakeBucket) -> None:
    s3, name = clients("s3"), bucket(objects=3, lock=True)
    assert reason_to_keep(s3, name, rules(is_protected=False)) is None
    s3.put_object_legal_hold(Bucket=name, Key="k1", LegalHold={"Status": "ON"})
    reason = reason_to_keep(s3, name, rules(9999))
    assert reason is not None
    assert reason.why == "legal hold on the object k1"


def test_a_lock_on_one_object_keeps_the_bucket_until_it_ends(clients: Clients, bucket: MakeBucket) -> None:
    s3, name = clients("s3"), bucket(objects=2, lock=True)
    until = datetime.now(UTC) + timedelta(days=700)
    s3.put_object_retention(Bucket=name, Key="k1", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
    reason = reason_to_keep(s3, name, rules(400))
    assert reason is not None
    assert reason.until == (until.date() + timedelta(days=1)).isoformat()
    assert reason_to_keep(s3, name, rules(702)) is None


def test_an_order_keeps_data_and_no_empty_bucket(clients: Clients, bucket: MakeBucket) -> None:
    day = TODAY + timedelta(days=30)
    ordered = rules(29, is_protected=False, hold_until=day)
    reason = reason_to_keep(clients("s3"), bucket(), ordered)
    assert reason is not None
    assert reason.until == day.isoformat()
    assert reason_to_keep(clients("s3"), bucket(objects=0), ordered) is None
    assert reason_to_keep(clients("s3"), bucket(), rules(30, is_protected=False, hold_until=day)) is None


def test_an_environment_without_protection_keeps_no_data(clients: Clients, bucket: MakeBucket) -> None:
    assert reason_to_keep(clients("s3"), bucket(), rules(is_protected=False)) is None


def test_what_cannot_be_read_is_no_permission(clients: Clients) -> None:
    with pytest.raises(ClientError):
        reason_to_keep(clients("s3"), "no-such-bucket-here", rules())


def test_what_is_kept_says_so_and_takes_no_data(clients: Clients, bucket: MakeBucket) -> None:
    s3, name = clients("s3"), bucket(tags={"tenant": "claims"})
    kept = Kept(f"arn:aws:s3:::{name}", "365 days; case <12> & more", "2027-11-23")
    mark(clients, kept, "DATA-1")
    mark(clients, kept, "DATA-1")  # again, as after an interruption
    tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=name)["TagSet"]}
    assert tags["tenant"] == "claims"
    assert tags["retained-until"] == "2027-11-23"
    assert tags["retained-for"] == "DATA-1: 365 days_ case _12_ _ more"
    with pytest.raises(ClientError, match=DENIED):
        s3.put_object(Bucket=name, Key="new", Body=b"late")
    with pytest.raises(ClientError, match=DENIED):
        s3.delete_object(Bucket=name, Key="k0")
    assert s3.get_object(Bucket=name, Key="k0")["Body"].read() == b"data"


def test_emptying_deletes_every_version_and_marker(clients: Clients, bucket: MakeBucket) -> None:
    s3, name = clients("s3"), bucket(objects=2)
    s3.put_object(Bucket=name, Key="k0", Body=b"again")
    s3.delete_object(Bucket=name, Key="k1")
    deny(s3, name, WRITES + DELETIONS)  # as an earlier decommission left it
    assert empty(s3, name, rules(365), go_on) == 4
    s3.delete_bucket(Bucket=name)
    assert empty(s3, name, rules(365), go_on) == 0


def test_data_that_arrived_since_the_decision_is_not_destroyed(clients: Clients, bucket: MakeBucket) -> None:
    s3, name = clients("s3"), bucket()
    with pytest.raises(DataStillKept, match="retention of 365 days") as refused:
        empty(s3, name, rules(300), go_on)
    assert refused.value.exit_code == 1
    assert len(s3.list_object_versions(Bucket=name)["Versions"]) == 1
