"""One stack as CloudFormation sees it: what state it is in, what that allows, and waiting until it is at rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from delivery.errors import DeliveryError

UPDATABLE = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}
)
REVIEW = "REVIEW_IN_PROGRESS"
"""A stack that holds nothing yet but change sets which nobody executed."""
FAILURES = 5
"""Failed resources that a message names."""

Listener = Callable[[str, str], None]
"""(stack, what happens), told at each change."""


class StackStuck(DeliveryError):
    """A stack is in a state that no change set gets it out of."""


class StackFailed(DeliveryError):
    """CloudFormation could not do what it was asked, and rolled back or stopped."""


class StackTimeout(DeliveryError):
    """A stack was still in progress when patience ended; nothing was given up by CloudFormation."""


@dataclass(frozen=True)
class Stack:
    """A stack that exists.

    Attributes:
        updated: time of its last change, as CloudFormation gives it.
    """

    id: str
    name: str
    status: str
    updated: str = ""
    reason: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    is_protected: bool = False

    @property
    def is_moving(self) -> bool:
        return self.status.endswith("_IN_PROGRESS") and self.status != REVIEW


def _ignore(stack: str, what: str) -> None:
    """Listener of a caller who shows no progress."""


@dataclass(frozen=True)
class Stacks:
    """The stacks of one account and region.

    Attributes:
        client: CloudFormation's, acting in the account.
        pause_seconds, patience_seconds: between two looks, and altogether.
        sleep: replaced by tests.
    """

    client: Any
    listener: Listener = _ignore
    pause_seconds: float = 5
    patience_seconds: float = 3600
    sleep: Callable[[float], None] = time.sleep

    def find(self, name: str) -> Stack | None:
        """Return the stack of a name or id, whatever state it is in; None when there is none."""
        try:
            (found,) = self.client.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if is_absent(error):
                return None
            raise
        return _stack(found)

    def all(self) -> list[Stack]:
        """Return every stack that is not deleted."""
        pages = self.client.get_paginator("describe_stacks").paginate()
        return [_stack(item) for page in pages for item in page["Stacks"]]

    def at_rest(self, name: str) -> Stack | None:
        """Return a stack once nothing moves in it; None when there is none, or it is deleted meanwhile.

        Raises:
            StackTimeout: it still moves.
        """
        waited, told = 0.0, ""
        while True:
            stack = self.find(name)
            if stack is None or stack.status == "DELETE_COMPLETE":
                return None
            if not stack.is_moving:
                return stack
            if stack.status != told:
                self.listener(stack.name, stack.status)
                told = stack.status
            self._wait(waited, name, stack.status)
            waited += self.pause_seconds

    def failures(self, stack: Stack) -> list[str]:
        """Return why the newest operation on a stack failed, the first cause first."""
        pages = self.client.get_paginator("describe_stack_events").paginate(StackName=stack.id)
        found: list[str] = []
        for event in (event for page in pages for event in page["StackEvents"]):
            if event.get("ResourceStatusReason") == "User Initiated":
                break
            if event.get("ResourceStatus", "").endswith("_FAILED"):
                reason = event.get("ResourceStatusReason", "no reason is given")
                found.append(f"{event['LogicalResourceId']} ({event.get('ResourceType')}): {reason}")
        return found[::-1][:FAILURES]

    def resources(self, stack: Stack) -> list[Mapping[str, Any]]:
        """Return the summaries of a stack's resources, those included that it let go of."""
        pages = self.client.get_paginator("list_stack_resources").paginate(StackName=stack.id)
        return [item for page in pages for item in page["StackResourceSummaries"]]

    def wait_for(self, what: str, name: str, look: Callable[[], Mapping[str, Any] | None]) -> Mapping[str, Any]:
        """Return what `look` gives as soon as it is not None.

        Raises:
            StackTimeout: it never was.
        """
        waited = 0.0
        while (found := look()) is None:
            self._wait(waited, name, what)
            waited += self.pause_seconds
        return found

    def _wait(self, waited: float, name: str, status: str) -> None:
        if waited >= self.patience_seconds:
            raise StackTimeout(
                f"{name}: still {status} after {waited / 60:.0f} minutes",
                why="CloudFormation goes on by itself; nothing was cancelled",
                fix="run the same command again: it waits, and then goes on from what it finds",
            )
        self.sleep(self.pause_seconds)


def is_absent(error: ClientError) -> bool:
    """Tell whether an error says that the stack does not exist."""
    problem = error.response["Error"]
    return problem["Code"] == "ValidationError" and "does not exist" in problem.get("Message", "")


def _stack(item: Mapping[str, Any]) -> Stack:
    return Stack(
        id=item["StackId"],
        name=item["StackName"],
        status=item["StackStatus"],
        updated=str(item.get("LastUpdatedTime") or item.get("CreationTime") or ""),
        reason=item.get("StackStatusReason", ""),
        parameters={entry["ParameterKey"]: entry.get("ParameterValue", "") for entry in item.get("Parameters", ())},
        tags={entry["Key"]: entry["Value"] for entry in item.get("Tags", ())},
        is_protected=bool(item.get("EnableTerminationProtection")),
    )
