"""The states of a pipeline and which follow which; a pipeline as the engine keeps it, with its history.

Decides what may be asked of a pipeline in which state. It must not know how a run moves data.

Source: datacollector-oss, `PipelineStatus` and `StandaloneRunner.VALID_TRANSITIONS`.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

REVISION = "0"
ACTIVE = frozenset(
    {
        "STARTING", "STARTING_ERROR", "RUNNING", "RUNNING_ERROR", "RETRY", "FINISHING", "STOPPING", "STOPPING_ERROR",
        "DISCONNECTING", "DISCONNECTED", "CONNECTING",
    }
)  # fmt: skip
STOPPABLE = frozenset({"STARTING", "RUNNING", "RETRY", "DISCONNECTED", "CONNECTING"})
_ENDED = frozenset({"STARTING", "EDITED"})
NEXT: Mapping[str, frozenset[str]] = {
    "EDITED": frozenset({"STARTING", "EDITED"}),
    "STARTING": frozenset({"RUNNING", "STARTING_ERROR", "STOPPING", "DISCONNECTING"}),
    "STARTING_ERROR": frozenset({"START_ERROR", "RETRY"}),
    "RUNNING": frozenset({"RUNNING_ERROR", "FINISHING", "STOPPING", "DISCONNECTING"}),
    "RUNNING_ERROR": frozenset({"RETRY", "RUN_ERROR"}),
    "RETRY": frozenset({"STARTING", "STOPPING", "DISCONNECTING"}),
    "FINISHING": frozenset({"FINISHED", "RUNNING_ERROR"}),
    "STOPPING": frozenset({"STOPPED", "STOPPING_ERROR"}),
    "STOPPING_ERROR": frozenset({"STOP_ERROR"}),
    "DISCONNECTING": frozenset({"DISCONNECTED"}),
    "DISCONNECTED": frozenset({"CONNECTING", "STOPPING"}),
    "CONNECTING": frozenset({"STARTING", "RUNNING", "CONNECT_ERROR", "STOPPING"}),
    **dict.fromkeys(
        ("START_ERROR", "RUN_ERROR", "FINISHED", "STOPPED", "STOP_ERROR", "KILLED", "CONNECT_ERROR"), _ENDED
    ),
}


class TransitionError(Exception):
    """A pipeline was asked for something that its state does not allow."""

    def __init__(self, current: str, wanted: str) -> None:
        super().__init__(f"Cannot change state from {current} to {wanted}")


@dataclass
class Counts:
    """Records of one run: read, written, and in error; batches that were committed."""

    batches: int = 0
    read: int = 0
    written: int = 0
    errors: int = 0

    def as_metrics(self) -> dict[str, Any]:
        """Return the engine's metric registry with the counters that exist for every pipeline."""
        counters = {
            "batchCount": self.batches,
            "batchInputRecords": self.read,
            "batchOutputRecords": self.written,
            "batchErrorRecords": self.errors,
            "batchErrorMessages": 0,
        }
        return {
            "version": "4.0.0",
            "gauges": {},
            "counters": {f"pipeline.{name}.counter": {"count": count} for name, count in counters.items()},
            "histograms": {},
            "meters": {},
            "timers": {},
            "slaves": [],
        }


@dataclass
class Pipeline:
    """A pipeline with its definition, state, offsets and history.

    Attributes:
        definition: `pipelineConfig` as the engine answers it.
        offsets: {thread: offset of the origin}, committed batch by batch.
        history: states, newest first, as the REST API returns them.
    """

    id: str
    definition: dict[str, Any]
    rules: dict[str, Any] | None = None
    offsets: dict[str, str] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)
    retry_attempt: int = 0
    next_retry_milliseconds: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    changed: threading.Condition = field(init=False)

    def __post_init__(self) -> None:
        self.changed = threading.Condition(self.lock)

    @property
    def state(self) -> dict[str, Any]:
        return self.history[0]

    @property
    def status(self) -> str:
        return str(self.state["status"]) if self.history else "EDITED"

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    def move(self, status: str, message: str | None = None, attributes: Mapping[str, Any] | None = None) -> None:
        """Enter a state and remember it.

        Raises:
            TransitionError: the state does not follow the present one.
        """
        with self.lock:
            if status not in NEXT[self.status]:
                raise TransitionError(self.status, status)
            self._remember(status, message, attributes)

    def abandon(self) -> None:
        """End a run whose thread broke by a mistake of ours, so that nobody waits for it."""
        with self.lock:
            if self.is_active:
                self._remember("RUN_ERROR", "CONTAINER_0000 - the local cloud's engine broke; its log says where", None)

    def _remember(self, status: str, message: str | None, attributes: Mapping[str, Any] | None) -> None:
        previous: dict[str, Any] = self.state if self.history else {"timeStamp": 0, "attributes": {}}
        ended = status not in ACTIVE and status != "EDITED"
        self.history.insert(
            0,
            {
                "user": "admin",
                "name": self.id,
                "pipelineId": self.id,
                "rev": REVISION,
                "status": status,
                "message": message,
                # states are told apart by their time, so no two share one
                "timeStamp": max(int(time.time() * 1000), previous["timeStamp"] + 1),
                "attributes": dict(previous["attributes"] if attributes is None else attributes),
                "executionMode": "STANDALONE",
                "metrics": json.dumps(self.counts.as_metrics()) if ended else None,
                "retryAttempt": self.retry_attempt,
                "nextRetryTimeStamp": self.next_retry_milliseconds,
            },
        )
        self.changed.notify_all()

    def wait_while(self, status: str, seconds: float) -> None:
        """Wait, but not longer than the pipeline stays in a state."""
        with self.changed:
            self.changed.wait_for(lambda: self.status != status, seconds)


def new_definition(pipeline_id: str, title: str, description: str) -> dict[str, Any]:
    """Return the `pipelineConfig` of an empty pipeline, as the engine creates it."""
    now = int(time.time() * 1000)
    info = {
        "pipelineId": pipeline_id, "name": pipeline_id, "title": title, "description": description, "created": now,
        "lastModified": now, "creator": "admin", "lastModifier": "admin", "lastRev": REVISION, "valid": False,
        "metadata": {},
    }  # fmt: skip
    return {
        "schemaVersion": 6, "version": 19, "pipelineId": pipeline_id, "title": title, "description": description,
        "uuid": str(uuid.uuid4()), "configuration": [], "uiInfo": {}, "fragments": [], "stages": [],
        "errorStage": None, "startEventStages": [], "stopEventStages": [], "metadata": {}, "valid": False,
        "previewable": False, "info": info,
    }  # fmt: skip
