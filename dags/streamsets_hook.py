"""The REST API of a StreamSets Data Collector: what it is asked and what its answers mean.

Decides which states are active and which errors are worth asking again. It must not know why a pipeline runs.
Source: Data Collector 3.x REST API, `/rest/v1/pipeline/{id}/…`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
import requests
from airflow.providers.http.hooks.http import HttpHook
from asgiref.sync import sync_to_async

from dags.compat import AirflowException
from dags.polling import NoAnswer

FINISHED = "FINISHED"
ON_THE_WAY = {"STARTING", "RUNNING", "RETRY", "FINISHING", "STOPPING"}
FAILING = {"STARTING_ERROR", "RUNNING_ERROR", "STOPPING_ERROR"}  # the engine is still cleaning up
ENGINE_RESTART = {"DISCONNECTING", "DISCONNECTED", "CONNECTING"}
ACTIVE = frozenset(ON_THE_WAY | FAILING | ENGINE_RESTART)
NEVER_RAN = frozenset({"EDITED", "START_ERROR"})

NO_SUCH_PIPELINE, BAD_TRANSITION = "CONTAINER_0200", "CONTAINER_0102"
COUNTERS = {"input": "batchInputRecords", "output": "batchOutputRecords", "error": "batchErrorRecords"}
HEADERS = {"X-Requested-By": "sluice", "Content-Type": "application/json"}
REQUEST_TIMEOUT_SECONDS = 30


class EngineError(AirflowException):
    """The engine refused a request. `code` is its own, such as CONTAINER_0102, or None."""

    def __init__(self, request: str, code: str | None, message: str) -> None:
        super().__init__(f"StreamSets refused {request}: {message}")
        self.code = code


class EngineUnreachable(EngineError, NoAnswer):
    """The engine gave no answer, or is starting or overloaded."""

    def __init__(self, request: str, message: str) -> None:
        super().__init__(request, None, message)
        self.args = (f"StreamSets does not answer {request}: {message}",)


@dataclass(frozen=True)
class PipelineState:
    """What the engine says about a pipeline's latest run.

    Attributes:
        status: one of the engine's states.
        message: the engine's words about an error, else None.
        timestamp: when the state was entered, milliseconds by the engine's clock.
        parameters: runtime parameters of the run, {} when it had none.
        counts: {"input", "output", "error"} records, or None when the engine gave no metrics.
    """

    status: str
    message: str | None
    timestamp: int
    parameters: dict[str, str]
    counts: dict[str, int] | None

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def may_have_written(self) -> bool:
        """Whether the run may have left objects at its destination; unknown counts as yes."""
        return self.status not in NEVER_RAN if self.counts is None else self.counts["output"] > 0

    @classmethod
    def of(cls, answer: dict[str, Any]) -> PipelineState:
        """Read the engine's PipelineState; its `metrics` are JSON inside a string."""
        attributes = answer.get("attributes") or {}
        counters = json.loads(answer.get("metrics") or "{}").get("counters") or {}
        counts = {
            name: int(counters[f"pipeline.{counter}.counter"]["count"])
            for name, counter in COUNTERS.items()
            if f"pipeline.{counter}.counter" in counters
        }
        return cls(
            status=answer["status"],
            message=answer.get("message") or None,
            timestamp=int(answer.get("timeStamp") or 0),
            parameters={key: str(value) for key, value in (attributes.get("RUNTIME_PARAMETERS") or {}).items()},
            counts=counts if len(counts) == len(COUNTERS) else None,
        )


class StreamSetsHook(HttpHook):
    """Calls one engine through an HTTP connection whose host may hold a base path.

    Every method raises EngineUnreachable when there is no answer and EngineError when the engine refuses.
    """

    default_conn_name = "streamsets"

    def __init__(self, http_conn_id: str = default_conn_name) -> None:
        super().__init__(http_conn_id=http_conn_id)

    def status(self, pipeline_id: str) -> PipelineState | None:
        """Return the state of the latest run, or None where there is no such pipeline."""
        return _state_or_none(lambda: self._call("GET", _path(pipeline_id, "status")))

    async def async_status(self, pipeline_id: str) -> PipelineState | None:
        """Return what `status` returns, without blocking the event loop."""
        session = await sync_to_async(self.get_conn)()  # reads the Airflow connection, which is a blocking call
        url = self._url(_path(pipeline_id, "status"))
        signed = session.prepare_request(
            requests.Request("GET", url, headers=HEADERS | {"Accept-Encoding": "identity"})
        )
        headers = {name: str(value) for name, value in signed.headers.items()}
        timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(headers=headers, timeout=timeout) as client,
                client.get(url, ssl=bool(session.verify)) as response,
            ):
                code, text = response.status, await response.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise EngineUnreachable(f"GET {url}", repr(error)) from error
        return _state_or_none(lambda: _decoded(f"GET {url}", code, text))

    def last_run(self, pipeline_id: str, parameters: dict[str, str]) -> PipelineState | None:
        """Return the latest state of the latest run with exactly these parameters, or None if there was none."""
        try:
            history = self._call("GET", _path(pipeline_id, "history")) or []
        except EngineError as error:
            if error.code == NO_SUCH_PIPELINE:
                return None
            raise
        states = sorted((PipelineState.of(entry) for entry in history), key=lambda state: -state.timestamp)
        return next((state for state in states if state.parameters == parameters and state.status != "EDITED"), None)

    def definition(self, pipeline_id: str) -> dict[str, Any] | None:
        """Return the pipeline's configuration as the engine holds it, or None where there is no such pipeline."""
        try:
            answer: dict[str, Any] = self._call("GET", _path(pipeline_id))
        except EngineError as error:
            if error.code == NO_SUCH_PIPELINE:
                return None
            raise
        return answer

    def import_pipeline(self, pipeline_id: str, document: dict[str, Any]) -> None:
        """Create the pipeline or replace its definition."""
        self._call("POST", _path(pipeline_id, "import", overwrite="true", autoGeneratePipelineId="false"), document)

    def reset_offset(self, pipeline_id: str) -> None:
        """Make the next run read from the beginning."""
        self._call("POST", _path(pipeline_id, "resetOffset"))

    def start(self, pipeline_id: str, parameters: dict[str, str]) -> PipelineState:
        """Start a run; its state is at least STARTING. EngineError BAD_TRANSITION: a run is active."""
        return PipelineState.of(self._call("POST", _path(pipeline_id, "start"), parameters))

    def stop(self, pipeline_id: str) -> None:
        """Ask a run to stop; it is STOPPED some time later."""
        self._call("POST", _path(pipeline_id, "stop"))

    def stop_run(self, pipeline_id: str, parameters: dict[str, str]) -> bool:
        """Stop the pipeline if the active run is the one with these parameters; returns whether it was."""
        state = self.status(pipeline_id)
        if state is None or not state.is_active or state.parameters != parameters:
            return False
        self.stop(pipeline_id)
        return True

    def _url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}/rest/v1/{path}"

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        session = self.get_conn(HEADERS)  # also sets base_url
        url = self._url(path)
        try:
            response = session.request(method, url, json=body, timeout=REQUEST_TIMEOUT_SECONDS)
        except (requests.ConnectionError, requests.Timeout) as error:
            raise EngineUnreachable(f"{method} {url}", repr(error)) from error
        return _decoded(f"{method} {url}", response.status_code, response.text)


def _path(pipeline_id: str, verb: str = "", **query: str) -> str:
    parts = "&".join(f"{key}={value}" for key, value in {"rev": "0", **query}.items())
    return f"pipeline/{quote(pipeline_id, safe='')}{'/' if verb else ''}{verb}?{parts}"


def _state_or_none(ask: Any) -> PipelineState | None:
    try:
        answer = ask()
    except EngineError as error:
        if error.code == NO_SUCH_PIPELINE:
            return None
        raise
    return PipelineState.of(answer) if answer else None


def _decoded(request: str, code: int, text: str) -> Any:
    """Return the JSON of a good answer, None of an empty one; raise what a bad one says."""
    try:
        answer = json.loads(text) if text.strip() else None
    except json.JSONDecodeError:
        answer = None
        if code < 400:
            raise EngineError(request, None, f"answered {code} with no JSON: {text[:200]!r}") from None
    if code < 400:
        return answer
    remote = answer.get("RemoteException") if isinstance(answer, dict) else None
    if remote:
        raise EngineError(request, remote.get("errorCode"), remote.get("localizedMessage") or remote.get("message"))
    if code >= 500:
        raise EngineUnreachable(request, f"HTTP {code}")
    raise EngineError(request, None, f"HTTP {code} {text[:200]}".strip())
