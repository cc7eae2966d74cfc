"""Wait until an EMR step has ended, however it ended."""

from __future__ import annotations

from contextlib import AsyncExitStack
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
        self._open = AsyncExitStack()
        self._client: Any = None

    def arguments(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("aws_conn_id", "cluster_id", "step_id")}

    async def look(self) -> dict[str, Any] | None:
        with ask_again_later("EMR"):
            if self._client is None:  # making one costs more than many questions do; it renews its credentials itself
                hook = EmrHook(emr_conn_id=None, aws_conn_id=self.aws_conn_id)
                connecting = await hook.get_async_conn()  # type: ignore[no-untyped-call]
                self._client = await self._open.enter_async_context(connecting)
            answer = await self._client.describe_step(ClusterId=self.cluster_id, StepId=self.step_id)
        state = answer["Step"]["Status"]["State"]
        return None if state in GOING_ON else {"state": state}

    async def close(self) -> None:
        """Give the client back."""
        self._client = None
        await self._open.aclose()

    async def on_kill(self) -> None:
        """Cancel the step when someone kills the waiting task (called by Airflow 3.3 and later)."""
        hook = EmrHook(emr_conn_id=None, aws_conn_id=self.aws_conn_id)
        async with await hook.get_async_conn() as client:  # type: ignore[no-untyped-call]
            await client.cancel_steps(
                ClusterId=self.cluster_id, StepIds=[self.step_id], StepCancellationOption="TERMINATE_PROCESS"
            )
