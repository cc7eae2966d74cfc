"""The source systems: repeatable files that agree with themselves, landed with the manifest last."""

import hashlib
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sandbox.source_systems import LandingSet, generate, land
from sandbox.source_systems.calendar import add_months, months_elapsed
from sandbox.source_systems.file_format import FIELD_COUNTS
from sandbox.source_systems.polaris import account_months, instalments
from sandbox.source_systems.portfolio import reference_policies

AS_OF = date(2026, 10, 31)


@pytest.fixture(scope="module")
def landing() -> LandingSet:
    return generate(AS_OF, 80, seed=3)


class RecordingBucket:
    """Keeps what was put, in order."""

    def __init__(self) -> None:
        self.puts: list[dict[str, Any]] = []

    def put_object(self, **request: Any) -> None:
        self.puts.append(request)


def lines(landing: LandingSet, source: str) -> list[str]:
    return next(file for file in landing.files if file.source == source).content.decode().splitlines()


def test_a_seed_makes_the_same_bytes_and_another_does_not(landing: LandingSet) -> None:
    assert generate(AS_OF, 80, seed=3) == landing
    assert generate(AS_OF, 80, seed=4).files[0].content != landing.files[0].content


def test_headers_name_source_and_date_and_trailers_count(landing: LandingSet) -> None:
    for source, fields in FIELD_COUNTS.items():
        header, *details, trailer = lines(landing, source)
        assert header == f"H|{source}|2026-10-31|1"
        assert trailer.split("|")[:2] == ["T", str(len(details))]
        bad = {entry["raw_text"] for entry in landing.truth["defects"]}
        assert all(line.count("|") == fields for line in details if line not in bad)


def test_data_is_landed_before_its_manifest_which_describes_it(landing: LandingSet) -> None:
    bucket = RecordingBucket()
    keys = land(bucket, "landing", landing)
    assert [put["Key"] for put in bucket.puts] == keys
    assert all(put["ChecksumAlgorithm"] == "SHA256" and put["Bucket"] == "landing" for put in bucket.puts)
    bodies = {put["Key"]: put["Body"] for put in bucket.puts}
    for source in FIELD_COUNTS:
        manifest_key = f"{source}/as_of=2026-10-31/manifest.json"
        manifest = json.loads(bodies[manifest_key])
        assert (manifest["source"], manifest["as_of"]) == (source, "2026-10-31")
        for file in manifest["files"]:
            assert keys.index(file["key"]) < keys.index(manifest_key)
            body = bodies[file["key"]]
            assert file["bytes"] == len(body)
            assert file["sha256"] == hashlib.sha256(body).hexdigest()
            assert file["records"] == body.count(b"\n")


def test_a_clean_delivery_has_no_defects_and_an_exact_ledger() -> None:
    clean = generate(AS_OF, 20, seed=3, with_defects=False)
    assert clean.truth["defects"] == []
    assert {total["ledger_error"] for total in clean.truth["control_totals"]} == {"0.00"}


def test_every_kind_of_mistake_is_there_and_named(landing: LandingSet) -> None:
    reasons = {entry["reason"] for entry in landing.truth["defects"]}
    assert reasons >= {
        "duplicate", "superseded", "ambiguous", "not_a_date", "not_a_decimal", "not_allowed", "below_minimum",
        "field_count", "missing", "missing_terms", "unknown_policy", "before_issue", "after_as_of", "after_exit",
        "wrong_type",
    }  # fmt: skip
    for entry in landing.truth["defects"]:
        assert entry["raw_text"] in lines(landing, entry["source"])


@pytest.mark.parametrize("as_of", [date(2026, 10, 31), date(2024, 2, 29), date(2025, 1, 1)])
def test_the_administration_systems_own_values_are_lifelibs(as_of: date) -> None:
    (myga, its_events), (spia, spia_events) = reference_policies(as_of)
    months = {month.month: month for month in account_months(myga, its_events, as_of)}
    assert months[11].account_value == Decimal("104450.000000")
    assert abs(months[23].account_value - Decimal("104920.025")) < Decimal("0.005")
    assert months[29].surrender_benefit == Decimal("96829.85")
    paid = [str(amount) for _, amount in instalments(spia, spia_events, as_of)]
    assert [paid[t] for t in (0, 11, 12, 13, 24)] == ["500.00", "500.00", "515.00", "343.33", "353.63"]


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 10, 31), -8, date(2023, 2, 28)),
        (date(2023, 12, 15), 1, date(2024, 1, 15)),
    ],
)
def test_monthly_anniversaries(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end
    if months > 0:
        assert months_elapsed(start, end) == months
        assert months_elapsed(start, date.fromordinal(end.toordinal() - 1)) == months - 1
