"""What every operator here is: one that can be told of which release it must be.

Airflow's machines take the files of their bucket each in its own time. A run that verifies a deploy therefore says in
its conf which `files` it is about; a task that starts with others waits until its machine has them. No other run asks.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import BaseOperator, Context

from dags import RUNTIME, settings
from dags.compat import AirflowRescheduleException
from dags.files import dag_files, digest_of

WANTED = "files"


def files_to_prove(context: Context) -> str:
    """Return the digest of the files that this run is to prove; empty in every run but a deploy's verification."""
    return str((context["dag_run"].conf or {}).get(WANTED) or "")


class ReleasedOperator(BaseOperator):
    """An operator that runs with the files that its run asks for, or starts again in a new process until it does.

    To start again is safe: whatever a task has begun, its next try adopts.
    """

    def pre_execute(self, context: Any) -> None:
        """Compare what this process has imported, and what lies beside the DAG, with what the run asks for."""
        super().pre_execute(context)
        wanted = files_to_prove(context)
        if not wanted:
            return
        found = digest_of([*RUNTIME, *dag_files(Path(context["dag"].fileloc).parent)])
        if found == wanted:
            return
        self.log.warning("this machine has the files %s; the run is about %s: waiting for them", found, wanted)
        raise AirflowRescheduleException(datetime.now(UTC) + timedelta(seconds=settings.poll_seconds()))  # type: ignore[no-untyped-call]
