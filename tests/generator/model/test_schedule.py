"""Which schedules are taken and which are not."""

from __future__ import annotations

import pytest

from generator.model.schedule import PRESETS, cron


@pytest.mark.parametrize(
    ("schedule", "fields"),
    [
        *PRESETS.items(),
        ("0 4 * * *", "0 4 * * *"),
        ("  0  4 *\t* * ", "0 4 * * *"),
        ("*/15 0-6/2,22 1,15 1-3 0,6-7", "*/15 0-6/2,22 1,15 1-3 0,6-7"),
        ("5/20 * * * *", "5/20 * * * *"),
        ("0 0 29 2 *", "0 0 29 2 *"),
        ("0 0 31 2 1", "0 0 31 2 1"),
    ],
)
def test_taken(schedule: str, fields: str) -> None:
    assert cron(schedule) == fields


@pytest.mark.parametrize(
    "schedule",
    [
        *("", "daily ", "@daily", "Daily", "0 4 * *", "0 4 * * * *"),
        *("60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "001 * * * *"),
        *("5-1 * * * *", "*/0 * * * *", "*/ * * * *", "1,,2 * * * *", "-1 * * * *", "1.5 * * * *"),
        *("a * * * *", "* * L * *", "* * * jan *", "* * * * mon#1", "? * * * *", "٣ * * * *"),
        *("0 0 31 4 *", "0 0 30,31 2 *"),
    ],
)
def test_refused(schedule: str) -> None:
    with pytest.raises(ValueError, match=r"field|understood|within|exist"):
        cron(schedule)
