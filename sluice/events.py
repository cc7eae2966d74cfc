"""Long work told to machines: one JSON object a line on stdout, as it happens; docs/reference/events.md lists them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import Any

import click

from delivery.cloudformation import summary
from delivery.cloudformation.changes import StackPlan
from delivery.workspace import StackId

RESOURCE_STATES = {"apply_start": "started", "apply_complete": "done", "apply_errored": "failed"}
"""{type of Terraform's event: state of the resource in ours}."""
PLANNING = "planning"
BEGINNINGS = ("executing its change set", "deleting the stack")
ENDS = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE")
"""What `delivery.cloudformation` tells of a stack and has an event of its own."""


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


class TemplateEvents:
    """What becomes of CloudFormation stacks, as events; listener of `delivery.cloudformation.stacks.Stacks`."""

    def __init__(self, events: Events, environment: str) -> None:
        self._events, self._environment = events, environment
        self._plans: dict[str, StackPlan] = {}

    def planned(self, plans: Sequence[StackPlan]) -> None:
        """Say what would be done to each stack."""
        for plan in plans:
            self._plans[plan.name] = plan
            self._events.emit(
                "planned",
                plan.key,
                text=summary.as_text([plan]),
                counts=dict(plan.counts),
                destructive=len(plan.destructive),
                digest=plan.digest,
            )

    def __call__(self, stack: str, what: str) -> None:
        """Say what happens to a stack: its begin and its end as of any stack, what is between as steps."""
        key, plan = f"{self._environment}/{stack}", self._plans.get(stack)
        if what == PLANNING:
            self._events.emit("planning", key)
        elif plan and what in BEGINNINGS:
            self._events.emit("applying", key, changes=len(plan.changes))
        elif plan and what in ENDS:
            self._events.emit("applied", key, text=what, counts=plan.done)
        else:
            self._events.emit("step", key, text=what)
