"""Tell StreamSets to ingest: one run of a pipeline per set of parameters, however often the task is tried.

Decides when a run is started, adopted, waited for or given up. It must not know what the pipeline moves.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from airflow.sdk import Context

from dags import settings
from dags.compat import AirflowException, AirflowFailException
from dags.polling import OVER, TIMEOUT
from dags.release import ReleasedOperator
from dags.streamsets_hook import (
    BAD_TRANSITION,
    FINISHED,
    EngineError,
    EngineUnreachable,
    PipelineState,
    StreamSetsHook,
)
from dags.streamsets_trigger import StreamSetsTrigger

DIGEST = "sluice.sha256"
"""Key in pipelineConfig.metadata that names the definition's content."""


class StreamSetsOperator(ReleasedOperator):
    """Run a pipeline to FINISHED and return its record counts {"input", "output", "error"}.

    The parameters identify the run: a retry adopts a run that has the same ones, active or finished. They must
    therefore hold something unique, such as the attempt.

    Args:
        pipeline_id: pipeline on the engine.
        pipeline_path: export document; imported when the engine holds none, or one with another digest.
        parameters: runtime parameters.
        timeout_minutes: from the start of the task, waiting for its turn included.
        conn_id: Airflow connection of the engine.
    """

    template_fields: Sequence[str] = ("pipeline_id", "pipeline_path", "parameters")

    def __init__(
        self,
        *,
        pipeline_id: str,
        pipeline_path: str,
        parameters: dict[str, str],
        timeout_minutes: float,
        conn_id: str = StreamSetsHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.pipeline_id, self.pipeline_path, self.parameters = pipeline_id, pipeline_path, parameters
        self.timeout_minutes, self.conn_id = timeout_minutes, conn_id

    @cached_property
    def hook(self) -> StreamSetsHook:
        return StreamSetsHook(self.conn_id)

    def execute(self, context: Context) -> dict[str, int]:
        return self._proceed(time.time() + self.timeout_minutes * 60)

    def my_turn(self, context: Context, event: dict[str, Any]) -> dict[str, int]:
        """Continue after another run ended or the engine answered again."""
        self._check_waiting(event)
        return self._proceed(event["deadline"])

    def ended(self, context: Context, event: dict[str, Any]) -> dict[str, int]:
        """Continue after our run ended."""
        self._check_waiting(event)
        state = PipelineState(**event["state"]) if event["state"] else None
        if state is None or state.parameters != self.parameters:  # someone started the next run already
            state = self.hook.last_run(self.pipeline_id, self.parameters)
        return self._result(state)

    def on_kill(self) -> None:
        if self.hook.stop_run(self.pipeline_id, self.parameters):
            self.log.info("told StreamSets to stop pipeline %s", self.pipeline_id)

    def _proceed(self, deadline: float) -> dict[str, int]:
        try:
            state = self.hook.status(self.pipeline_id)
            if state is not None and state.is_active:
                return self._join(state, deadline)
            earlier = self.hook.last_run(self.pipeline_id, self.parameters)
            if earlier is not None and (earlier.status == FINISHED or earlier.may_have_written):
                self.log.info("pipeline %s already ran with these parameters: %s", self.pipeline_id, earlier.status)
                return self._result(earlier)
            self._import_if_changed()
            self.hook.reset_offset(self.pipeline_id)
            started = self.hook.start(self.pipeline_id, self.parameters)
        except EngineUnreachable as error:
            self.log.warning("%s; waiting for the engine", error)
            self._wait("my_turn", deadline)
        except EngineError as error:
            if error.code != BAD_TRANSITION:
                raise
            self.log.info("pipeline %s was started by someone else just now", self.pipeline_id)
            self._wait("my_turn", deadline)
        self.log.info("started pipeline %s with %s", self.pipeline_id, self.parameters)
        self._wait("ended", deadline, since=started.timestamp)

    def _join(self, state: PipelineState, deadline: float) -> NoReturn:
        if state.parameters == self.parameters:
            self.log.info("pipeline %s is %s with our parameters: adopted", self.pipeline_id, state.status)
            self._wait("ended", deadline, since=state.timestamp)
        self.log.info("pipeline %s is %s with %s: waiting", self.pipeline_id, state.status, state.parameters)
        self._wait("my_turn", deadline)

    def _import_if_changed(self) -> None:
        """Import the rendered definition unless the engine holds it. Only ever called while nothing runs."""
        document = json.loads(Path(self.pipeline_path).read_text(encoding="utf-8"))
        held = self.hook.definition(self.pipeline_id)
        wanted = document["pipelineConfig"]["metadata"][DIGEST]
        if held is None or (held.get("metadata") or {}).get(DIGEST) != wanted:
            self.log.info("importing pipeline %s, definition %s", self.pipeline_id, wanted)
            self.hook.import_pipeline(self.pipeline_id, document)

    def _wait(self, method: str, deadline: float, since: int = 0) -> NoReturn:
        trigger = StreamSetsTrigger(
            conn_id=self.conn_id,
            pipeline_id=self.pipeline_id,
            since=since,
            parameters=self.parameters if method == "ended" else None,
            deadline=deadline,
            poll_seconds=settings.poll_seconds(),
            outage_seconds=settings.outage_seconds(),
        )
        self.defer(trigger=trigger, method_name=method)

    def _check_waiting(self, event: dict[str, Any]) -> None:
        if event["outcome"] == TIMEOUT:
            raise AirflowException(
                f"StreamSets pipeline {self.pipeline_id!r} was not done after {self.timeout_minutes} minutes\n"
                f"  fix:      see why it is slow or who holds it; if it is still running, a retry adopts it"
            )
        if event["outcome"] != OVER:
            raise AirflowException(
                f"StreamSets pipeline {self.pipeline_id!r}: {event['message']}\n"
                f"  why:      no answer for {settings.outage_seconds():.0f} s\n"
                f"  fix:      bring the engine back, then clear this task: it adopts what still runs"
            )

    def _result(self, state: PipelineState | None) -> dict[str, int]:
        """Return the counts of a finished run; raise for any other, without retry once it wrote something."""
        if state is None:
            raise AirflowException(
                f"StreamSets pipeline {self.pipeline_id!r} no longer knows our run with {self.parameters}\n"
                f"  why:      it was deleted or its history cleared on the engine\n"
                f"  fix:      clear open_run and everything after it: a new attempt gets a new place"
            )
        if state.status == FINISHED and state.counts is not None:
            return state.counts
        what = f"StreamSets pipeline {self.pipeline_id!r} ended as {state.status}: {state.message or 'no message'}"
        if state.status == FINISHED:
            raise AirflowException(f"StreamSets pipeline {self.pipeline_id!r} ended as FINISHED without record counts")
        if state.may_have_written:
            raise AirflowFailException(
                f"{what}\n  why:      it moved records {state.counts or ''} and a second run would write them twice\n"
                f"  fix:      mend the cause, then clear open_run and everything after it: a new attempt, a new place"
            )
        raise AirflowException(f"{what}\n  fix:      mend the cause, then clear this task")
