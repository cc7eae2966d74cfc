"""Support ends of EMR's releases: the days on which the gate warns and fails, and what our environments run."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml

from policies.data.emr_releases import releases, support

ROOT = Path(__file__).parents[3]
LABEL, END = "emr-7.14.0", dt.date(2028, 9, 8)


@pytest.mark.parametrize(
    ("days_before", "problem", "warning"),
    [
        (181, "", ""),
        (180, "", f"standard support of {LABEL} ends on {END}, in 180 days"),
        (1, "", f"standard support of {LABEL} ends on {END}, in 1 days"),
        (0, f"standard support of {LABEL} ends or ended on {END}", ""),
        (-1, f"standard support of {LABEL} ends or ended on {END}", ""),
    ],
)
def test_it_warns_180_days_ahead_and_fails_on_the_day(days_before: int, problem: str, warning: str) -> None:
    found = support(LABEL, END - dt.timedelta(days=days_before))
    assert (found.problem, found.warning) == (problem, warning)


@pytest.mark.parametrize("label", ["emr-7.14", "EMR-7.14.0", "emr-7.140.0", "emr-7.12.0", "", "None", "latest"])
def test_a_label_that_is_not_listed_fails(label: str) -> None:
    assert repr(label) in support(label, dt.date(2026, 11, 23)).problem


def test_a_date_that_nobody_confirmed_warns() -> None:
    unconfirmed = [release for release in releases().values() if not release.is_confirmed]
    assert unconfirmed
    for release in unconfirmed:
        assert support(release.label, dt.date(2026, 6, 1)).warning


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("environments/*/environment.yaml")), ids=lambda path: path.parent.name
)
def test_environments_run_a_release_whose_end_was_read_on_its_page(path: Path) -> None:
    label = yaml.safe_load(path.read_text())["cluster"]["release"]
    assert releases()[label].is_confirmed
