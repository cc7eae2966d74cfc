"""The demo's last page in a narrow terminal."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from sluice.demo import last_page
from sluice.demo.findings import Cluster
from sluice.demo.story import DemoFailed

AS_OF = date(2026, 10, 31)


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=80)


def text(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def version(dataset: str, sequence: int = 1) -> Any:
    return SimpleNamespace(
        dataset=dataset, as_of=AS_OF, sequence=sequence, row_count=5978, published_at=datetime.now(UTC),
        version_id="01a20910-2d0b-7355-8a37-e176fd0c0b85", dataset_id="01a2090a-a021-77ba-9942-fd4f9fc5a9fc",
        location=f"s3://meridian-dev-annuity-curated/{dataset}/as_of={AS_OF}/attempt=01a2090a-9615-7e29/",
    )  # fmt: skip


def test_versions_are_told_whole_and_their_place_once(console: Console) -> None:
    last_page._published(console, [version("policy_transaction"), version("payout")])
    assert "Published datasets, as of 2026-10-31" in text(console)
    assert "policy_transaction    1  5978  dataset 01a2090a-a021-77ba-9942-fd4f9fc5a9fc\n" in text(console)
    assert " version 01a20910-2d0b-7355-8a37-e176fd0c0b85\n" in text(console)
    assert max(len(line) for line in text(console).splitlines() if "s3://" not in line) <= 80
    place = "in s3://meridian-dev-annuity-curated/<dataset>/as_of=2026-10-31/attempt=01a2090a-9615-7e29/"
    assert text(console).count(place) == 1


def test_what_was_published_twice_fails_the_demo(console: Console) -> None:
    with pytest.raises(DemoFailed, match="published more than once"):
        last_page._published(console, [version("payout"), version("payout", 2)])


def test_a_cluster_fits_and_one_that_is_left_fails_the_demo(console: Console) -> None:
    steps = [("conform/01a2", "COMPLETED"), ("valuation/01a2", "COMPLETED")]
    ended = Cluster("j-XUURTAOVGABZ6", "annuity_daily-2026-10-31", "TERMINATED", "Terminated by user request", steps)
    last_page._clusters(console, [ended], is_long_running=False)
    assert "Terminated by user request" in text(console)
    assert "valuation COMPLETED" in text(console)
    with pytest.raises(DemoFailed, match="0 clusters are alive, expected 1"):
        last_page._clusters(console, [ended], is_long_running=True)


def test_a_report_of_eight_columns_fits(console: Console) -> None:
    columns = ["as_of", "product", "measure", "computed_amount", "control_amount", "difference", "status"]
    row = [AS_OF, "MYGA", "closing_balance", "11525648.02", "11525648.02", "0.00", "different"]
    last_page._dated(console, "Report", [*columns, "open_differences"], [[*row, 1]])
    assert "MYGA    closing_balance 11525648.02 11525648.02       0.00 different           1" in text(console)
