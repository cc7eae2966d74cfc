"""Nothing is destroyed under a run: the DAG is paused, and what is at work is named, waited for, or refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

import pytest

from delivery.airflow_api import AirflowRefused
from delivery.decommission import drain
from delivery.decommission.streamsets import Engine, EngineRefused, engine_of
from delivery.errors import Interrupted
from delivery.tagged import Clients
from generator.model import EnvironmentSpec
from generator.names import Names


class Airflow:
    """Answers as an Airflow whose DAG has these runs; `status` makes it refuse."""

    def __init__(self, *runs: str, status: int = 0) -> None:
        self.runs, self.status = list(runs), status
        self.paused: list[str] = []

    def pause(self, dag_id: str) -> None:
        self._refuse()
        self.paused.append(dag_id)

    def active_runs(self, dag_id: str) -> list[str]:
        self._refuse()
        return self.runs

    def _refuse(self) -> None:
        if self.status:
            raise AirflowRefused("GET /dags", self.status, "no")


@pytest.fixture(scope="module")
def names(prod: EnvironmentSpec) -> Names:
    return Names(prod, "claims")


def test_the_dag_is_paused(names: Names) -> None:
    airflow = Airflow()
    assert drain.pause(airflow, names)
    assert airflow.paused == ["claims_daily"]


def test_a_dag_that_airflow_does_not_know_starts_nothing(names: Names, clients: Clients) -> None:
    unknown = Airflow(status=404)
    assert not drain.pause(unknown, names)
    assert drain.running(unknown, clients, names, None, []) == []


def test_an_airflow_that_refuses_refuses_the_drain(names: Names, clients: Clients) -> None:
    with pytest.raises(AirflowRefused):
        drain.pause(Airflow(status=403), names)
    with pytest.raises(AirflowRefused):
        drain.running(Airflow(status=403), clients, names, None, [])


def test_runs_and_clusters_of_the_tenant_are_at_work_and_others_are_not(names: Names, clients: Clients) -> None:
    emr = clients("emr")
    made = {}
    for tenant in ("claims", "annuity"):
        tags = [{"Key": "tenant", "Value": tenant}]
        instances = {"MasterInstanceType": "m5.xlarge", "InstanceCount": 1, "KeepJobFlowAliveWhenNoSteps": True}
        flow = emr.run_job_flow(Name=tenant, Instances=instances, JobFlowRole="r", ServiceRole="s", Tags=tags)
        made[tenant] = flow["JobFlowId"]
    found = drain.running(Airflow("scheduled__1"), clients, names, None, [])
    assert found == ["run scheduled__1 of DAG claims_daily", f"EMR cluster {made['claims']}"]
    emr.terminate_job_flows(JobFlowIds=list(made.values()))
    assert drain.running(Airflow(), clients, names, None, []) == []


def test_waiting_says_for_what_and_ends_when_it_ends() -> None:
    looks = iter([["run a", "run b"], ["run b"], ["run b"], []])
    said: list[str] = []
    drain.wait(lambda: next(looks), "prod/claims", 1, said.append, lambda: None, poll_seconds=0)
    assert said == ["waiting for run a, run b", "waiting for run b"]


def test_waiting_can_be_interrupted() -> None:
    def stop() -> None:
        raise Interrupted("prod/claims: interrupted")

    with pytest.raises(Interrupted):
        drain.wait(lambda: ["run a"], "prod/claims", 1, print, stop, poll_seconds=0)


def test_what_is_still_at_work_refuses() -> None:
    with pytest.raises(drain.StillRunning, match="not drained, 1 still at work: run a") as refused:
        drain.wait(lambda: ["run a"], "prod/claims", 0, print, lambda: None)
    assert refused.value.exit_code == 1


class _Collector(BaseHTTPRequestHandler):
    """A Data Collector with pipelines, as its REST API answers."""

    pipelines: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        states = {f"{name}::0": {"status": status} for name, status in self.pipelines.items()}
        self._answer(states if self.path == "/rest/v1/pipelines/status" else None)

    def do_DELETE(self) -> None:
        self.pipelines.pop(self.path.rpartition("/")[2])
        self._answer({})

    def _answer(self, body: object) -> None:
        is_allowed = self.headers["Authorization"] == "Basic YWRtaW46YWRtaW4=" and self.headers["X-Requested-By"]
        self.send_response(200 if is_allowed and body is not None else 401)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Collector)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def connection(host: str, login: str = "admin") -> dict[str, str]:
    return {"AIRFLOW_CONN_STREAMSETS": json.dumps({"host": host, "login": login, "password": "admin"})}


def test_pipelines_that_run_are_named_and_deleted_when_they_do_not(
    collector: str, names: Names, clients: Clients
) -> None:
    _Collector.pipelines = {"claims_policies": "RUNNING", "claims_gl": "FINISHED", "annuity_policies": "RUNNING"}
    engine = engine_of(connection(collector))
    known = ["claims_gl", "claims_policies", "claims_never_imported"]
    assert drain.running(Airflow(), clients, names, engine, known) == ["StreamSets pipeline claims_policies"]
    assert engine is not None
    assert engine.delete(known) == ["claims_gl", "claims_policies"]
    assert _Collector.pipelines == {"annuity_policies": "RUNNING"}


def test_an_engine_that_cannot_be_asked_stops_the_drain(collector: str) -> None:
    engine = engine_of(connection(collector, login="stranger"))
    assert engine is not None
    with pytest.raises(EngineRefused, match="401"):
        engine.active(["claims_gl"])
    with pytest.raises(EngineRefused):
        Engine("http://127.0.0.1:9", "a", "b").active([])


@pytest.mark.parametrize("text", ["{", "[]", '{"host": "file:///etc", "login": "a", "password": "b"}', '{"host": "x"}'])
def test_a_connection_that_is_none(text: str) -> None:
    with pytest.raises(EngineRefused):
        engine_of({"AIRFLOW_CONN_STREAMSETS": text})
    assert engine_of({}) is None
