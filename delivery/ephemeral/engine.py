"""Hand the program to Pulumi's engine through the Automation API: start a cluster, end it, forget what has ended.

A process of its own in the environment that holds Pulumi. Reads one JSON object on standard input, fields of Order;
credentials come in its environment. The engine's output goes through; exit 1 when it failed.
"""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pulumi import automation

from delivery.ephemeral.cluster import from_json
from delivery.ephemeral.program import define

PROJECT = "sluice-ephemeral"


@dataclass(frozen=True)
class Order:
    """What to do.

    Attributes:
        action: up, finish (what an interrupted up left), down (end it, then forget it) or forget (drop a record of
            what has ended by itself).
        stack: Pulumi's name for it, `<environment>-<name>`.
        backend: where Pulumi keeps its record, `s3://<bucket>/pulumi?region=…`.
        secrets_provider: key for secrets in that record, `awskms://…`; the program declares none.
        home: folder for Pulumi's plugins.
        cluster: as `cluster.to_json` wrote it; only for up and finish.
    """

    action: str
    stack: str
    backend: str
    secrets_provider: str
    home: str
    cluster: str = ""


def _nothing() -> None:
    """The program of an order that declares nothing: ending and forgetting go by the record."""


def _options(order: Order, folder: str) -> automation.LocalWorkspaceOptions:
    return automation.LocalWorkspaceOptions(
        work_dir=folder,
        pulumi_home=order.home,
        secrets_provider=order.secrets_provider,
        project_settings=automation.ProjectSettings(
            name=PROJECT, runtime="python", backend=automation.ProjectBackend(url=order.backend)
        ),
        stack_settings={order.stack: automation.StackSettings(secrets_provider=order.secrets_provider)},
        env_vars={"PULUMI_SKIP_UPDATE_CHECK": "true"},
    )


def _say(line: str) -> None:
    with suppress(BrokenPipeError):  # whoever listened has gone; the engine still has to end in order
        print(line, flush=True)


def up(order: Order, folder: str) -> None:
    """Start the cluster."""
    _up(order, folder, automation.create_or_select_stack)


def finish(order: Order, folder: str) -> None:
    """Finish what an interrupted start left; without its record a second cluster would be started."""
    _up(order, folder, automation.select_stack)


def _up(order: Order, folder: str, stack_of: Callable[..., Any]) -> None:
    cluster = from_json(order.cluster)
    stack = stack_of(order.stack, PROJECT, program=lambda: define(cluster), opts=_options(order, folder))
    stack.up(on_output=_say, on_error=_say, color="never", show_secrets=False)


def down(order: Order, folder: str) -> None:
    """End the cluster and drop its record; without one there is nothing to do."""
    stack = _recorded(order, folder)
    if stack is not None:
        stack.destroy(on_output=_say, on_error=_say, color="never", show_secrets=False)
        stack.workspace.remove_stack(order.stack)


def forget(order: Order, folder: str) -> None:
    """Drop the record of a cluster that EMR or the reaper has ended; without one there is nothing to do."""
    stack = _recorded(order, folder)
    if stack is not None:
        stack.workspace.remove_stack(order.stack, force=True)


def _recorded(order: Order, folder: str) -> automation.Stack | None:
    try:
        return automation.select_stack(order.stack, PROJECT, program=_nothing, opts=_options(order, folder))
    except automation.StackNotFoundError:
        return None


ACTIONS: dict[str, Callable[[Order, str], None]] = {"up": up, "finish": finish, "down": down, "forget": forget}


def main() -> int:
    """Carry out the order on standard input.

    An interruption reaches the whole process group: Pulumi ends in order and records what it made, and is waited for.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    order = Order(**json.load(sys.stdin))
    with tempfile.TemporaryDirectory(prefix="sluice-ephemeral-") as folder:
        try:
            ACTIONS[order.action](order, folder)
        except (automation.CommandError, automation.InvalidVersionError) as error:
            _say(str(error).strip())
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
