"""Wait until an EMR step has ended, however it ended."""

from __future__ import annotations

from typing import Any

from airflow.providers.amazon.aws.hooks.emr import EmrHook

from dags.aws_errors import ask_again_later
from dags.polling import PollingTrigger

GOING_ON = frozenset({"PENDING", "RUNNING", "CANCEL_PENDING"})


class EmrStepTrigger(PollingTrigger):
    """Fires with `{"state": the step's final state}`.

    Args:
        aws_conn_id: Airflow connection.
        cluster_id: `j-…`.
        step_id: `s-…`.
    """

    def __init__(self, *, aws_conn_id: str, cluster_id: str, step_id: str, **waiting: float) -> None:
        super().__init__(**waiting)
        self.aws_conn_id, self.cluster_id, self.step_id = aws_conn_id, cluster_id, step_id

    def arguments(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("aws_conn_id", "cluster_id", "step_id")}

    async def look(self) -> dict[str, Any] | None:
        hook = EmrHook(emr_conn_id=None, aws_conn_id=self.aws_conn_id)
        with ask_again_later("EMR"):
            async with await hook.get_async_conn() as client:  # type: ignore[no-untyped-call]
                answer = await client.describe_step(ClusterId=self.cluster_id, StepId=self.step_id)
        state = answer["Step"]["Status"]["State"]
        return None if state in GOING_ON else {"state": state}

    async def on_kill(self) -> None:
        """Cancel the step when someone kills the waiting task (called by Airflow 3.3 and later)."""
        hook = EmrHook(emr_conn_id=None, aws_conn_id=self.aws_conn_id)
        async with await hook.get_async_conn() as client:  # type: ignore[no-untyped-call]
            await client.cancel_steps(
                ClusterId=self.cluster_id, StepIds=[self.step_id], StepCancellationOption="TERMINATE_PROCESS"
            )
