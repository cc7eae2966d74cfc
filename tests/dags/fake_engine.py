"""A StreamSets engine in a thread: the REST answers that the operator meets, moved on by being asked."""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from dags.streamsets_hook import ACTIVE

COUNTS = {"batchInputRecords": 5, "batchOutputRecords": 5, "batchErrorRecords": 0}


class Engine:
    """One pipeline, or none.

    Attributes:
        script: states that a run passes through, one at each question for its status; the last one stays.
        counts: counters of the run once it has ended.
        outages: how many of the next requests are answered with 503.
        calls: verbs of the changing requests, in order.
    """

    def __init__(self) -> None:
        self.script = ["RUNNING", "FINISHING", "FINISHED"]
        self.counts = dict(COUNTS)
        self.message: str | None = None
        self.outages = 0
        self.calls: list[str] = []
        self.definition: dict[str, Any] | None = None
        self.states: list[dict[str, Any]] = []
        self.steps: list[str] = []
        self._clock = int(time.time() * 1000)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/_sdc/111"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def enter(self, status: str, parameters: dict[str, str]) -> dict[str, Any]:
        """Let the pipeline enter a state."""
        self._clock += 1
        over = status not in ACTIVE and status != "EDITED"
        metrics = {"counters": {f"pipeline.{name}.counter": {"count": count} for name, count in self.counts.items()}}
        state = {
            "pipelineId": "annuity_policies", "status": status, "timeStamp": self._clock,
            "message": self.message if over else None, "attributes": {"RUNTIME_PARAMETERS": parameters},
            "metrics": json.dumps(metrics) if over else None,
        }  # fmt: skip
        self.states.append(state)
        return state

    def hold(self, digest: str = "d1") -> None:
        """Let the engine hold the pipeline, never run."""
        self.definition = {"metadata": {"sluice.sha256": digest}}
        self.enter("EDITED", {})

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if self.outages > 0:
            self.outages -= 1
            return 503, None
        verb = path.rpartition("/")[2]
        if method != "GET":
            self.calls.append(verb)
        if verb == "import":
            self.hold(body["pipelineConfig"]["metadata"]["sluice.sha256"])
            return 200, {}
        if self.definition is None:
            return 500, _remote("CONTAINER_0200", "Pipeline 'annuity_policies' does not exist")
        return 200, None if verb == "resetOffset" else self._about_run(verb, body)

    def _about_run(self, verb: str, body: Any) -> Any:
        latest = self.states[-1]
        if verb == "start":
            if latest["status"] in ACTIVE:
                raise Refused("CONTAINER_0102", f"Cannot change state from {latest['status']} to STARTING")
            self.steps = list(self.script)
            return self.enter("STARTING", body)
        if verb == "stop":
            self.steps = []
            return self.enter("STOPPED", latest["attributes"]["RUNTIME_PARAMETERS"])
        if verb == "status":
            if self.steps:
                latest = self.enter(self.steps.pop(0), latest["attributes"]["RUNTIME_PARAMETERS"])
            return latest
        return self.states[::-1] if verb == "history" else self.definition

    def _handler(engine) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler's
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._reply()

            def do_POST(self) -> None:
                self._reply()

            def _reply(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path = self.path.partition("?")[0]
                try:
                    code, answer = self._checked() or engine.answer(self.command, path, json.loads(body or b"null"))
                except Refused as refused:
                    code, answer = 500, _remote(*refused.args)
                text = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(code)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def _checked(self) -> tuple[int, None] | None:
                if not self.path.startswith("/_sdc/111/rest/v1/pipeline/annuity_policies"):
                    return 404, None
                if self.headers["Authorization"] != "Basic " + base64.b64encode(b"admin:admin").decode():
                    return 401, None
                if self.command != "GET" and not self.headers["X-Requested-By"]:
                    return 400, None
                return None

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler


class Refused(Exception):
    """The engine refuses with a RemoteException: (code, message)."""


def _remote(code: str, message: str) -> dict[str, Any]:
    return {"RemoteException": {"errorCode": code, "localizedMessage": f"{code} - {message}", "message": message}}
