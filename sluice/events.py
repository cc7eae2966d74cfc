"""Long work told to machines: one JSON object a line on stdout, as it happens; docs/reference/events.md lists them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import Any

import click

from delivery.workspace import StackId

RESOURCE_STATES = {"apply_start": "started", "apply_complete": "done", "apply_errored": "failed"}
"""{type of Terraform's event: state of the resource in ours}."""


class Events:
    """Writes events, one at a time, whichever thread they come from."""

    def __init__(self, write: Callable[[str], None] = click.echo) -> None:
        self._write = write
        self._lock = Lock()

    def emit(self, event: str, stack: StackId | str = "", **facts: Any) -> None:
        """Write one event; `stack` is left out where the event belongs to none."""
        about = {"stack": str(stack)} if stack else {}
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"event": event, "at": at, **about, **facts})
        with self._lock:
            self._write(line)


class StackEvents:
    """What becomes of each stack, as events; stands where `TerraformRows` stands for people."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def planning(self, stack: StackId) -> None:
        self._events.emit("planning", stack)

    def planned(self, stack: StackId, text: str, *, counts: Mapping[str, int] | None = None) -> None:
        self._events.emit("planned", stack, text=text, counts=dict(counts or {}))

    def judging(self, stack: StackId) -> None:
        self._events.emit("judging", stack)

    def gated(self, stack: StackId, text: str) -> None:
        self._events.emit("gated", stack, text=text)

    def applying(self, stack: StackId, changes: int) -> None:
        self._events.emit("applying", stack, changes=changes)

    def applied(self, stack: StackId, text: str, *, counts: Mapping[str, int] | None = None) -> None:
        self._events.emit("applied", stack, text=text, counts=dict(counts or {}))

    def __call__(self, stack: StackId, event: dict[str, Any]) -> None:
        """Listener for `delivery.plan`: says of each resource when its change begins and ends."""
        state = RESOURCE_STATES.get(str(event.get("type")))
        if state and event["hook"].get("action") != "read":
            hook = event["hook"]
            self._events.emit("resource", stack, address=hook["resource"]["addr"], action=hook["action"], state=state)
