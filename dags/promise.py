"""Whether a DAG kept its promise: to have succeeded so long after the time for which it was scheduled.

Decides by Airflow's own records of that DAG's run, in another DAG's run of the same time. So a run that was late,
failed, waited for its turn, or was never made, breaks its promise alike, and whoever watches failed runs hears of it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.triggers.temporal import DateTimeTrigger
from airflow.sdk import Context

from dags.compat import AirflowFailException
from dags.release import ReleasedOperator

STATES = ("failed", "running", "queued")
"""What a run that has not succeeded can be in."""


class KeepPromiseOperator(ReleasedOperator):
    """Wait, without a worker, until a run of `pipeline` was to be ready; fail if it is not.

    Args:
        pipeline: id of the DAG that promises.
        deadline_minutes: from the scheduled time, which is this run's own logical date.
    """

    def __init__(self, *, pipeline: str, deadline_minutes: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pipeline, self.deadline_minutes = pipeline, deadline_minutes

    def execute(self, context: Context) -> None:
        due = self._scheduled(context) + timedelta(minutes=self.deadline_minutes)
        if datetime.now(UTC) < due:
            self.defer(trigger=DateTimeTrigger(moment=due), method_name="due")
        self.due(context)

    def due(self, context: Context, event: Any = None) -> None:
        """Judge, once it is time."""
        scheduled = self._scheduled(context)
        if self._runs(context, scheduled, "success"):
            return
        found = next((state for state in STATES if self._runs(context, scheduled, state)), "")
        raise AirflowFailException(
            f"{self.pipeline} was not ready {self.deadline_minutes} minutes after {scheduled:%Y-%m-%d %H:%M} UTC: "
            f"{f'its run is {found}' if found else 'it has no run'}\n"
            f"  expected: a run of {self.pipeline} for that time which succeeded\n"
            f"  fix:      {FIXES[found]}"
        )

    def _scheduled(self, context: Context) -> datetime:
        scheduled = context["dag_run"].logical_date
        if scheduled is None:
            raise AirflowFailException(
                "this run was started by hand, without a logical date: there is no scheduled time to judge\n"
                "  fix:      clear the run of the date that is to be judged anew"
            )
        return scheduled

    def _runs(self, context: Context, scheduled: datetime, state: str) -> int:
        return context["ti"].get_dr_count(dag_id=self.pipeline, logical_dates=[scheduled], states=[state])


FIXES = {
    "failed": "read the log of the task that failed, mend the cause, clear the run",
    "running": "look at which task it stands; its own time limits end it if it hangs",
    "queued": "look whether an earlier run still runs, or Airflow's workers are all taken",
    "": "look whether the DAG is paused, has an import error, or its scheduler stood still; trigger it for that date",
}
"""{state of the run that should have succeeded: what to do}."""
