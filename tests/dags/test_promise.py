"""A promise is judged once it is due, by the pipeline's own run of that time, and says what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dags.compat import AirflowFailException
from dags.promise import KeepPromiseOperator
from tests.dags.conftest import run_task

SCHEDULED = datetime(2026, 10, 31, 4, tzinfo=UTC)


def keep(deadline_minutes: float = 150) -> KeepPromiseOperator:
    return KeepPromiseOperator(task_id="keep_promise", pipeline="annuity_daily", deadline_minutes=deadline_minutes)


def test_a_run_that_succeeded_in_time_keeps_it() -> None:
    assert run_task(keep(), logical_date=SCHEDULED, runs={"success": 1}) is None


@pytest.mark.parametrize(
    ("runs", "found", "fix"),
    [
        ({"failed": 1}, "its run is failed", "clear the run"),
        ({"running": 1}, "its run is running", "look at which task it stands"),
        ({"queued": 1}, "its run is queued", "an earlier run still runs"),
        ({}, "it has no run", "paused"),
    ],
)
def test_whatever_kept_a_run_from_being_ready_breaks_it(runs: dict[str, int], found: str, fix: str) -> None:
    with pytest.raises(AirflowFailException) as told:
        run_task(keep(), logical_date=SCHEDULED, runs=runs)
    first, _, last = str(told.value).splitlines()
    assert first == f"annuity_daily was not ready 150 minutes after 2026-10-31 04:00 UTC: {found}"
    assert fix in last


def test_it_is_judged_no_sooner_than_promised() -> None:
    """The run fails meanwhile, is cleared, and succeeds: in time all the same."""
    runs = {"failed": 1}
    due = datetime.now(UTC) + timedelta(seconds=1)

    class Cleared(KeepPromiseOperator):
        def due(self, context: Any, event: Any = None) -> None:
            runs.clear()
            runs["success"] = 1
            assert datetime.now(UTC) >= due
            super().due(context, event)

    task = Cleared(task_id="keep_promise", pipeline="annuity_daily", deadline_minutes=150)
    run_task(task, logical_date=due - timedelta(minutes=150), runs=runs)


def test_a_run_by_hand_has_no_time_to_judge() -> None:
    with pytest.raises(AirflowFailException, match="clear the run of the date"):
        run_task(keep(), logical_date=None)
