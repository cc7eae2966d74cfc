"""Stands in for Pulumi's command: writes down how it is called, and on `up` lets the program speak to it as an engine.

What a real engine would do with the declarations it does not know. Runs in the environment that holds Pulumi; keeps its
records beside itself: calls.jsonl, declared.json, stack (there while one is recorded). A file `fail` that a test lays
there makes `up` fail; `slow` makes it wait (waiting) for an interruption, after which it ends in order (recorded).
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
STACK = HERE / "stack"
MOMENT = "2026-11-23T09:00:00.000Z"
UPDATE = {"kind": "update", "startTime": MOMENT, "message": "", "environment": {}, "config": {}, "result": "succeeded"}

ANSWERS = {
    "version": "v3.272.0",
    "destroy": "destroying",
    "stack output": json.dumps({"cluster_id": "j-1"}),
    "stack history": json.dumps([UPDATE]),
}


def main(arguments: list[str]) -> int:
    settings = {path.name: path.read_text() for path in Path.cwd().glob("Pulumi*.yaml")}
    words = [word for word in arguments if not word.startswith("-")]
    command = " ".join(words[: 2 if words[0] == "stack" else 1])
    call = {"command": command, "arguments": arguments, "environment": dict(os.environ), "settings": settings}
    with (HERE / "calls.jsonl").open("a") as log:
        log.write(json.dumps(call) + "\n")
    if command == "up":
        return _up(next(word for word in arguments if word.startswith("--client=")).removeprefix("--client="))
    if command in ANSWERS:
        print(ANSWERS[command])
        return 0
    return _keep_record(command)


def _keep_record(command: str) -> int:
    """Make, find or drop the record of the one stack."""
    if command == "stack init" and not STACK.exists():
        STACK.touch()
    elif command == "stack select" and not STACK.exists():
        return _refuse("error: no stack named 'dev-ann' found")
    elif command == "stack rm":
        STACK.unlink()
    elif command != "stack select":
        return _refuse(f"error: {command} is not what this stands in for")
    return 0


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return 255


def _up(program: str) -> int:
    """Run the program at an address as the engine does, with ourselves as its monitor."""
    if (HERE / "fail").exists():
        return _refuse("error: creating EMR Cluster: AccessDenied")
    if (HERE / "slow").exists():
        return _wait_for_interruption()
    import grpc  # type: ignore[import-untyped]  # noqa: PLC0415 -- the other commands answer at once
    from pulumi.runtime import mocks  # noqa: PLC0415
    from pulumi.runtime.proto import language_pb2, language_pb2_grpc, resource_pb2_grpc  # noqa: PLC0415

    from delivery.ephemeral.record import Recorder  # noqa: PLC0415

    recorder = Recorder()
    mocks.set_mocks(recorder, project="sluice-ephemeral", stack="dev-ann")  # for the names that the monitor gives
    answers = mocks.MockMonitor(recorder)

    class Monitor(resource_pb2_grpc.ResourceMonitorServicer):  # type: ignore[misc]
        """Answers over the wire as Pulumi's mocks answer inside a process."""

        def __getattribute__(self, name: str) -> Any:
            if hasattr(mocks.MockMonitor, name):
                return lambda request, context: getattr(answers, name)(request)
            return super().__getattribute__(name)

    server = grpc.server(ThreadPoolExecutor(4))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(Monitor(), server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    request = language_pb2.RunRequest(
        project="sluice-ephemeral", stack="dev-ann", monitor_address=address, parallel=4, dryRun=False
    )
    answer = language_pb2_grpc.LanguageRuntimeStub(grpc.insecure_channel(program)).Run(request)
    server.stop(0)
    if answer.error:
        return _refuse(answer.error)
    (HERE / "declared.json").write_text(json.dumps(sorted(recorder.declared, key=lambda item: item["id"])))
    print(f"created {len(recorder.declared)} resources")
    return 0


def _wait_for_interruption() -> int:
    asked: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: asked.append(number))
    (HERE / "waiting").touch()
    while not asked:
        time.sleep(0.05)
    time.sleep(0.5)  # longer than Python waits for a child of its own after Ctrl-C
    print("a last line, which somebody must still read")
    (HERE / "recorded").touch()
    return _refuse("error: update canceled")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
