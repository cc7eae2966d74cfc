"""Which schedules exist: five cron fields of numbers, lists, ranges and steps, or a word for one.

Decides whether an expression can ever fire. Stricter than Airflow's parser, which takes six fields, names, `L` and `#`
too: what is refused here reads the same in every scheduler. It must not know when anything runs.
"""

from __future__ import annotations

import re

PRESETS = {"hourly": "0 * * * *", "daily": "0 4 * * *", "weekly": "0 4 * * 1", "monthly": "0 4 1 * *"}
"""Words for cron expressions, UTC. Four o'clock: sources arrive by three unless they say otherwise."""

FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12), ("day of week", 0, 7))

LONGEST_MONTHS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
"""{month: its longest number of days} where that is less than 31."""

_PART = re.compile(r"(?P<any>\*)|(?P<first>[0-9]{1,2})(-(?P<last>[0-9]{1,2}))?", re.ASCII)


def cron(schedule: str) -> str:
    """Return `schedule` as five fields separated by one space.

    Raises:
        ValueError: it is neither a preset nor a cron expression that ever fires; the message says what is wrong.
    """
    if schedule in PRESETS:
        return PRESETS[schedule]
    fields = schedule.split()
    if len(fields) != len(FIELDS):
        raise ValueError(f"it has {len(fields)} {'field' if len(fields) == 1 else 'fields'}")
    values = [_values(text, *field) for text, field in zip(fields, FIELDS, strict=True)]
    days, months = values[2], values[3]
    # Cron fires on either day when both are given, so an impossible date matters only without a day of the week.
    if fields[4] == "*" and not any(min(days) <= LONGEST_MONTHS.get(month, 31) for month in months):
        raise ValueError(f"day {min(days)} does not exist in month {fields[3]}")
    return " ".join(fields)


def _values(text: str, name: str, lowest: int, highest: int) -> set[int]:
    """Return every number that one field stands for."""
    values: set[int] = set()
    for part in text.split(","):
        span, slash, step_text = part.partition("/")
        match = _PART.fullmatch(span)
        if match is None or (slash and not re.fullmatch(r"[1-9][0-9]?", step_text, re.ASCII)):
            raise ValueError(f"{name} {part!r} is not understood")
        if match["any"]:
            first, last = lowest, highest
        else:
            first = int(match["first"])
            last = int(match["last"]) if match["last"] else (highest if slash else first)
        if not lowest <= first <= last <= highest:
            raise ValueError(f"{name} {part!r} is not within {lowest} to {highest}")
        values.update(range(first, last + 1, int(step_text) if slash else 1))
    return values
