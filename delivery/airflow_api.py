"""An environment's Airflow, asked through MWAA: start a run, see how it goes, pause a DAG.

MWAA passes each call on to Airflow's own REST API and ends it after ten seconds. An answer that may be another one in a
moment (AirflowBusy) is told apart from one that will not change (AirflowRefused).
Source: Amazon MWAA User Guide, "Using the Apache Airflow REST API"; Airflow REST API v2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from delivery import aws
from delivery.errors import DeliveryError
from generator.model import EnvironmentSpec
from generator.names import Names

NOT_FOUND, CONFLICT, TOO_MANY = 404, 409, 429
ACTIVE = ("queued", "running")
PAGE = 100


class AirflowRefused(DeliveryError):
    """Airflow, or MWAA before it, says no.

    Attributes:
        status: Airflow's HTTP status; 0 where MWAA itself refused.
        said: its own words.
    """

    def __init__(self, what: str, status: int, said: str, *, fix: str = "") -> None:
        self.status, self.said = status, said
        super().__init__(what, why=said, fix=fix)


class AirflowBusy(DeliveryError):
    """No answer for now: a timeout, too many requests, a web server that starts."""


class AirflowApi:
    """The Airflow of one environment.

    Args:
        client: boto3's `mwaa`.
        name: of the MWAA environment.
    """

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self.name = name

    def is_paused(self, dag_id: str) -> bool:
        return bool(self._ask("GET", f"/dags/{dag_id}")["is_paused"])

    def pause(self, dag_id: str) -> None:
        """Start no new run of a DAG; what runs goes on."""
        self._ask("PATCH", f"/dags/{dag_id}", {"is_paused": True})

    def resume(self, dag_id: str) -> None:
        """Start runs of a DAG again, by schedule and those that wait."""
        self._ask("PATCH", f"/dags/{dag_id}", {"is_paused": False})

    def source(self, dag_id: str) -> str:
        """Return the text of the DAG's file as Airflow has read it last."""
        return str(self._ask("GET", f"/dagSources/{dag_id}")["content"])

    def import_errors(self) -> dict[str, str]:
        """Return {file: why Airflow cannot read it}."""
        errors = self._ask("GET", "/importErrors", query={"limit": PAGE})["import_errors"]
        return {str(error["filename"]): str(error["stack_trace"]) for error in errors}

    def trigger(self, dag_id: str, run_id: str, conf: Mapping[str, Any]) -> None:
        """Start the run `run_id`; do nothing where it was started before.

        It has no logical date, so that one date can be run for again and again.
        """
        body = {"dag_run_id": run_id, "logical_date": None, "conf": dict(conf)}
        try:
            self._ask("POST", f"/dags/{dag_id}/dagRuns", body)
        except AirflowRefused as error:
            if error.status != CONFLICT:
                raise

    def run_state(self, dag_id: str, run_id: str) -> str:
        """Return queued, running, success or failed."""
        return str(self._ask("GET", f"/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def task_states(self, dag_id: str, run_id: str) -> dict[str, str]:
        """Return {task id: state} of a run; the state is `none` for a task that was not looked at yet.

        A mapped task counts as failed when one of its instances did.
        """
        states: dict[str, str] = {}
        for task in self._pages(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances", "task_instances"):
            if states.get(task["task_id"]) != "failed":
                states[task["task_id"]] = str(task["state"] or "none")
        return states

    def active_runs(self, dag_id: str) -> list[str]:
        """Return the runs that are queued or running."""
        return [
            str(run["dag_run_id"])
            for state in ACTIVE
            for run in self._pages(f"/dags/{dag_id}/dagRuns", "dag_runs", {"state": state})
        ]

    def _pages(self, path: str, member: str, query: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        offset = 0
        while True:
            page = self._ask("GET", path, query={**(query or {}), "limit": PAGE, "offset": offset})[member]
            yield from page
            offset += PAGE
            if len(page) < PAGE:
                return

    def _ask(self, method: str, path: str, body: object = None, query: Mapping[str, Any] | None = None) -> Any:
        request = {"Name": self.name, "Method": method, "Path": path}
        given = {"Body": body, "QueryParameters": query}
        try:
            answer = self._client.invoke_rest_api(
                **request, **{key: value for key, value in given.items() if value is not None}
            )
        except ClientError as error:
            raise self._explained(f"{self.name}: {method} {path}", error) from error
        except (HTTPClientError, NoConnection) as error:
            raise AirflowBusy(f"{self.name}: {method} {path} got no answer", why=str(error)) from error
        return answer["RestApiResponse"]

    def _explained(self, call: str, error: ClientError) -> DeliveryError:
        response: Any = error.response
        code = response["Error"]["Code"]
        http = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        status = int(response.get("RestApiStatusCode") or 0)
        said = _words(response.get("RestApiResponse")) or str(error)
        if code == "RestApiServerException" or TOO_MANY in (status, http) or http >= 500 or "Throttl" in code:
            return AirflowBusy(f"{call}: not now ({status or code})", why=said)
        if code == "AccessDeniedException":
            return AirflowRefused(
                f"{call}: not allowed", status, said, fix=f"allow airflow:InvokeRestApi on role/{self.name}/Admin"
            )
        if code == "ResourceNotFoundException":
            return AirflowRefused(
                f"{call}: there is no such MWAA environment", status, said, fix="deploy the environment's platform"
            )
        return AirflowRefused(f"{call}: refused ({status or code})", status, said)


def _words(answer: Any) -> str:
    """Return what an answer of Airflow says to people."""
    if isinstance(answer, Mapping):
        return str(answer.get("detail") or answer.get("title") or answer)
    return str(answer or "")


def airflow_of(spec: EnvironmentSpec, variables: Mapping[str, str]) -> AirflowApi:
    """Return the Airflow of an environment, asked as its deploy role."""
    return AirflowApi(aws.client("mwaa", spec, variables), Names(spec).entity("airflow"))
