"""The environment's StreamSets engine, where it can be asked: which pipelines run, and deleting those of a tenant.

The engine lets nobody in but Airflow's machines. Whoever runs a decommission from a place that it does let in gives the
connection as Airflow has it, in AIRFLOW_CONN_STREAMSETS; without it the report says that the engine was not asked.
Source: Data Collector 3.x REST API.
"""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from delivery.errors import DeliveryError

CONNECTION = "AIRFLOW_CONN_STREAMSETS"
ACTIVE = frozenset(
    {
        *("STARTING", "RUNNING", "RETRY", "FINISHING", "STOPPING"),
        *("STARTING_ERROR", "RUNNING_ERROR", "STOPPING_ERROR"),  # the engine is still cleaning up
        *("DISCONNECTING", "DISCONNECTED", "CONNECTING"),
    }
)
TIMEOUT_SECONDS = 30


class EngineRefused(DeliveryError):
    """The engine does not answer, or says no: nobody knows what runs on it."""


class Engine:
    """One Data Collector.

    Args:
        address: without a final slash.
    """

    def __init__(self, address: str, login: str, password: str) -> None:
        self._address = f"{address}/rest/v1"
        token = base64.b64encode(f"{login}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "X-Requested-By": "sluice"}

    def active(self, pipelines: Sequence[str]) -> list[str]:
        """Return those of `pipelines` that run."""
        states = self._all()
        return [name for name in pipelines if states.get(name) in ACTIVE]

    def delete(self, pipelines: Sequence[str]) -> list[str]:
        """Delete those of `pipelines` that the engine holds, and return them."""
        states = self._all()
        held = [name for name in pipelines if name in states]
        for name in held:
            self._ask("DELETE", f"/pipeline/{quote(name, safe='')}")
        return held

    def _all(self) -> dict[str, str]:
        """Return {pipeline id: state}."""
        states = json.loads(self._ask("GET", "/pipelines/status"))
        return {str(key).partition("::")[0]: str(state["status"]) for key, state in states.items()}

    def _ask(self, method: str, path: str) -> bytes:
        request = urllib.request.Request(f"{self._address}{path}", method=method, headers=self._headers)  # noqa: S310 -- checked in engine_of
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                body: bytes = answer.read()
        except (urllib.error.URLError, TimeoutError) as error:
            raise EngineRefused(f"StreamSets: {method} {path} failed", why=str(error)) from error
        return body


def engine_of(variables: Mapping[str, str]) -> Engine | None:
    """Return the engine of AIRFLOW_CONN_STREAMSETS, a connection as JSON; None without that variable.

    Raises:
        EngineRefused: the variable holds no connection over HTTP.
    """
    if not variables.get(CONNECTION):
        return None
    try:
        connection: dict[str, Any] = json.loads(variables[CONNECTION])
        address, login, password = (str(connection[name]) for name in ("host", "login", "password"))
    except (ValueError, KeyError, TypeError) as error:
        raise EngineRefused(f"{CONNECTION} holds no connection", why=repr(error)) from error
    if not address.startswith(("http://", "https://")):
        raise EngineRefused(f"{CONNECTION}: its host is no address of http or https")
    return Engine(address.rstrip("/"), login, password)
