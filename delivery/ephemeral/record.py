"""Run the Pulumi program under mocks and print what it declares: one JSON list, on standard output.

A process of its own: mocks are never taken back, and a program that still runs under them would start nothing and say
that it had. Reads a cluster as JSON on standard input.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pulumi
from pulumi.output import Unknown
from pulumi.runtime import mocks, rpc

from delivery.ephemeral.cluster import from_json
from delivery.ephemeral.program import define

UNKNOWN, SECRET = {"$": "unknown"}, {"$": "secret"}
"""What stands for a value that only the engine would know, and for one that must not be written anywhere."""


class Recorder:
    """Takes the engine's place: keeps what is declared, makes nothing, answers no question."""

    def __init__(self) -> None:
        self.declared: list[dict[str, Any]] = []

    def new_resource(self, arguments: Any) -> tuple[str, dict[str, Any]]:
        id = f"pulumi-id://{arguments.typ}/{arguments.name}"
        self.declared.append(
            {
                "type": arguments.typ,
                "name": arguments.name,
                "id": id,
                "provider": (arguments.provider or "").rpartition("::")[2],
                "existing": arguments.resource_id or "",
                "inputs": {key: _written(value) for key, value in arguments.inputs.items()},
            }
        )
        return id, {}

    def call(self, arguments: Any) -> tuple[dict[str, Any], None]:
        raise LookupError(f"the program asks the cloud for {arguments.token}; under mocks nobody answers")


def _written(value: Any) -> Any:
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, dict):
        if rpc.is_rpc_secret(value):
            return SECRET
        return {key: _written(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_written(item) for item in value]
    return value


def record(program: Callable[[], None]) -> list[dict[str, Any]]:
    """Return what `program` declares, sorted by id: type, name, id, provider, inputs. Pulumi's own order varies."""
    recorder = Recorder()
    mocks.set_mocks(recorder, project="sluice-ephemeral", stack="recorded", preview=True)
    pulumi.runtime.test(program)()
    return sorted(recorder.declared, key=lambda item: str(item["id"]))


if __name__ == "__main__":
    cluster = from_json(sys.stdin.read())
    json.dump(record(lambda: define(cluster)), sys.stdout)
