"""Wait until a StreamSets pipeline is not active; a state from before the run that is waited for does not count."""

from __future__ import annotations

import dataclasses
from typing import Any

from asgiref.sync import sync_to_async

from dags.polling import PollingTrigger
from dags.streamsets_hook import StreamSetsHook


class StreamSetsTrigger(PollingTrigger):
    """Fires with `{"state": {fields of PipelineState}}`, or `{"state": None}` where there is no such pipeline.

    Args:
        pipeline_id: pipeline on the engine.
        since: engine's clock, milliseconds; an inactive state that is older belongs to an earlier run.
        parameters: runtime parameters of our run, which a kill of the waiting task stops; None when none is ours.
    """

    def __init__(
        self, *, conn_id: str, pipeline_id: str, since: int, parameters: dict[str, str] | None, **waiting: float
    ) -> None:
        super().__init__(**waiting)
        self.conn_id, self.pipeline_id, self.since, self.parameters = conn_id, pipeline_id, since, parameters

    def arguments(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("conn_id", "pipeline_id", "since", "parameters")}

    async def look(self) -> dict[str, Any] | None:
        state = await StreamSetsHook(self.conn_id).async_status(self.pipeline_id)
        if state is None:
            return {"state": None}
        if state.is_active or state.timestamp < self.since:
            return None
        return {"state": dataclasses.asdict(state)}

    async def on_kill(self) -> None:
        """Stop our run when someone kills the waiting task (called by Airflow 3.3 and later)."""
        if self.parameters is not None:
            await sync_to_async(StreamSetsHook(self.conn_id).stop_run)(self.pipeline_id, self.parameters)
