"""One Data Collector per account: its pipelines, and what may be done with them.

Decides what each operation answers or why it is refused; HTTP is put around it elsewhere.
"""

from __future__ import annotations

import copy
import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any

from sandbox.context import Context
from sandbox.streamsets.access import InstanceProfileS3
from sandbox.streamsets.plan import plan
from sandbox.streamsets.run import Run
from sandbox.streamsets.states import STOPPABLE, Counts, Pipeline, TransitionError, new_definition

OWN_MEMBERS = frozenset({"pipelineId", "uuid", "info"})
"""Members of a definition that an import does not change."""


class EngineError(Exception):
    """The engine refuses an operation; `code` is Data Collector's."""

    def __init__(self, code: str, message: str, java_class: str = "util.PipelineException") -> None:
        super().__init__(message)
        self.code, self.java_class = code, f"com.streamsets.datacollector.{java_class}"


class Engine:
    """The Data Collector of one account."""

    def __init__(self, account_id: str, context: Context) -> None:
        self._account_id, self._context = account_id, context
        self._pipelines: dict[str, Pipeline] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._lock = threading.Lock()

    def pipelines(self) -> list[Pipeline]:
        return list(self._pipelines.values())

    def get(self, pipeline_id: str) -> Pipeline:
        """Return a pipeline; EngineError CONTAINER_0200 where there is none."""
        if pipeline_id not in self._pipelines:
            raise EngineError(
                "CONTAINER_0200", f"Pipeline '{pipeline_id}' does not exist", "store.PipelineStoreException"
            )
        return self._pipelines[pipeline_id]

    def create(self, title: str, description: str = "", generates_id: bool = False) -> Pipeline:
        """Create an empty pipeline; its id is its title, or a generated one."""
        pipeline_id = title.replace(" ", "") + (str(uuid.uuid4()) if generates_id else "")
        with self._lock:
            if pipeline_id in self._pipelines:
                raise EngineError(
                    "CONTAINER_0201", f"Pipeline '{pipeline_id}' already exists", "store.PipelineStoreException"
                )
            pipeline = Pipeline(pipeline_id, new_definition(pipeline_id, title, description))
            pipeline.move("EDITED")
            self._pipelines[pipeline_id] = pipeline
        return pipeline

    def import_pipeline(
        self, pipeline_id: str, document: Mapping[str, Any], overwrites: bool, generates_id: bool
    ) -> Pipeline:
        """Create a pipeline from an export document, or replace the definition of one that is not active."""
        definition = document["pipelineConfig"]
        if generates_id:
            pipeline = self.create(definition.get("title") or pipeline_id, generates_id=True)
        elif pipeline_id in self._pipelines and overwrites:
            pipeline = self._pipelines[pipeline_id]
        else:
            pipeline = self.create(pipeline_id)
        with pipeline.lock:
            if pipeline.is_active:
                raise EngineError("CONTAINER_0208", f"Cannot save pipeline '{pipeline_id}' while it is running")
            pipeline.definition |= copy.deepcopy({k: v for k, v in definition.items() if k not in OWN_MEMBERS})
            pipeline.definition["info"]["lastModified"] = int(time.time() * 1000)
            pipeline.rules = document.get("pipelineRules")
            pipeline.move("EDITED", attributes={})
        return pipeline

    def delete(self, pipeline_id: str) -> None:
        pipeline = self.get(pipeline_id)
        if pipeline.is_active:
            raise EngineError("CONTAINER_0208", f"Cannot delete pipeline '{pipeline_id}' while it is running")
        del self._pipelines[pipeline_id]

    def start(self, pipeline_id: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Start a run and return its first state.

        Raises:
            EngineError: CONTAINER_0102, it is active already.
            InvalidPipelineError: the pipeline cannot be run as written.
        """
        pipeline = self.get(pipeline_id)
        previous = self._threads.get(pipeline_id)
        if previous is not None and not pipeline.is_active:
            previous.join()  # one that was stopped by force may still be writing its batch
        with pipeline.lock:
            if pipeline.is_active:
                raise _bad_transition(TransitionError(pipeline.status, "STARTING"))
            planned = plan(pipeline.definition, parameters)
            pipeline.counts, pipeline.retry_attempt, pipeline.next_retry_milliseconds = Counts(), 0, 0
            pipeline.move("STARTING", attributes={"RUNTIME_PARAMETERS": dict(parameters) or None})
            run = Run(pipeline, planned, self._s3, self._context.faults)
            thread = threading.Thread(target=run.execute, name=f"sdc-{pipeline_id}", daemon=True)
            self._threads[pipeline_id] = thread
            thread.start()
            return pipeline.state

    def stop(self, pipeline_id: str, at_once: bool = False) -> dict[str, Any]:
        """Ask a run to stop; it is STOPPED when its batch is done, or at once."""
        pipeline = self.get(pipeline_id)
        with pipeline.lock:
            if pipeline.status not in STOPPABLE and not (at_once and pipeline.status == "STOPPING"):
                raise _bad_transition(TransitionError(pipeline.status, "STOPPING"))
            if pipeline.status != "STOPPING":
                pipeline.move("STOPPING")
            if at_once:
                pipeline.move("STOPPED")
            return pipeline.state

    def reset_offset(self, pipeline_id: str) -> None:
        pipeline = self.get(pipeline_id)
        with pipeline.lock:
            if pipeline.is_active:
                raise EngineError(
                    "CONTAINER_0104",
                    f"Cannot reset the source offset when the pipeline '{pipeline_id}' is running",
                    "execution.runner.common.PipelineRunnerException",
                )
            pipeline.offsets.clear()

    def _s3(self) -> InstanceProfileS3:
        return InstanceProfileS3(self._account_id, self._context.endpoint)


def _bad_transition(error: TransitionError) -> EngineError:
    return EngineError("CONTAINER_0102", str(error), "execution.runner.common.PipelineRunnerException")
