"""A freeze keeps out what is new, to the second, and lets through what worked here before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from delivery.freeze import Frozen, check_freeze
from delivery.ledger import Record
from generator.model import Delivery, EnvironmentSpec, Freeze
from generator.spec import load_environment

NEW, KNOWN = "a" * 64, "b" * 64
BEGINS, ENDS = datetime(2026, 12, 24, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
HISTORY = [
    Record("deployed", KNOWN, "jenkins/7", "2026-11-01T06:00:00+00:00", sequence=1),
    Record("verified", KNOWN, "jenkins/7", "2026-11-01T07:00:00+00:00", sequence=2),
]


@pytest.fixture(scope="module")
def spec() -> EnvironmentSpec:
    prod = load_environment(Path(), "prod")
    windows = (
        Freeze(begins=BEGINS, ends=ENDS, reason="year end"),
        Freeze(begins=datetime(2026, 12, 31, tzinfo=UTC), ends=datetime(2027, 1, 8, tzinfo=UTC), reason="close"),
    )
    return prod.model_copy(update={"delivery": Delivery(freezes=windows)})


@pytest.mark.parametrize("now", [BEGINS - MOMENT, datetime(2027, 1, 8, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)])
def test_outside_of_a_window_everything_passes(spec: EnvironmentSpec, now: datetime) -> None:
    check_freeze(spec, now, [], NEW)


@pytest.mark.parametrize("now", [BEGINS, ENDS - MOMENT, ENDS, datetime(2027, 1, 8, tzinfo=UTC) - MOMENT])
def test_inside_a_window_a_new_release_is_refused(spec: EnvironmentSpec, now: datetime) -> None:
    with pytest.raises(Frozen) as caught:
        check_freeze(spec, now, HISTORY, NEW)
    assert caught.value.exit_code == 1


def test_the_refusal_names_every_reason_and_the_end(spec: EnvironmentSpec) -> None:
    with pytest.raises(Frozen) as caught:
        check_freeze(spec, datetime(2027, 1, 1, tzinfo=UTC), [], NEW)
    assert caught.value.why == "year end; close"
    assert "2027-01-08T00:00:00+00:00" in caught.value.what


def test_offsets_are_counted(spec: EnvironmentSpec) -> None:
    tokyo = timezone(timedelta(hours=9))
    with pytest.raises(Frozen):
        check_freeze(spec, datetime(2026, 12, 24, 9, tzinfo=tokyo), [], NEW)
    check_freeze(spec, datetime(2026, 12, 24, 8, 59, tzinfo=tokyo), [], NEW)


def test_going_back_is_always_possible(spec: EnvironmentSpec) -> None:
    check_freeze(spec, BEGINS, HISTORY, KNOWN)


def test_what_was_deployed_and_never_verified_is_new(spec: EnvironmentSpec) -> None:
    with pytest.raises(Frozen):
        check_freeze(spec, BEGINS, [*HISTORY, Record("deployed", NEW, "jenkins/8", "2026-12-01T06:00:00+00:00")], NEW)


def test_a_time_without_an_offset_is_a_bug(spec: EnvironmentSpec) -> None:
    with pytest.raises(ValueError, match="no offset"):
        check_freeze(spec, datetime(2026, 12, 24), [], NEW)
