"""MWAA's REST: each kind of answer is told apart, by botocore's own model of the service."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from botocore.stub import Stubber

from delivery.airflow_api import AirflowApi, AirflowBusy, AirflowRefused

NAME = "meridian-prod-platform-airflow"
RUN = "/dags/annuity_daily/dagRuns"


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Stubber:
    made = Stubber(boto3.client("mwaa", "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"))
    made.activate()
    return made


@pytest.fixture
def api(stub: Stubber) -> AirflowApi:
    return AirflowApi(stub.client, NAME)


def answer(stub: Stubber, method: str, path: str, response: Any, **sent: Any) -> None:
    expected = {"Name": NAME, "Method": method, "Path": path, **sent}
    stub.add_response("invoke_rest_api", {"RestApiStatusCode": 200, "RestApiResponse": response}, expected)


def refuse(stub: Stubber, code: str, status: int = 0, detail: str = "", http: int = 400) -> None:
    members = {"RestApiStatusCode": status, "RestApiResponse": {"detail": detail}} if status else {}
    stub.add_client_error("invoke_rest_api", code, detail, http, modeled_fields=members)


def test_a_run_is_asked_for_without_a_logical_date(api: AirflowApi, stub: Stubber) -> None:
    body = {"dag_run_id": "r1", "logical_date": None, "conf": {"as_of": "2026-10-31"}}
    answer(stub, "POST", RUN, {"dag_run_id": "r1", "state": "queued"}, Body=body)
    api.trigger("annuity_daily", "r1", {"as_of": "2026-10-31"})
    stub.assert_no_pending_responses()


def test_a_run_that_is_there_already_is_no_mistake(api: AirflowApi, stub: Stubber) -> None:
    refuse(stub, "RestApiClientException", 409, "DagRun already exists")
    api.trigger("annuity_daily", "r1", {})


def test_states_of_a_run_and_of_its_tasks(api: AirflowApi, stub: Stubber) -> None:
    answer(stub, "GET", f"{RUN}/r1", {"state": "running"})
    assert api.run_state("annuity_daily", "r1") == "running"
    tasks = [
        {"task_id": "open_run", "state": "success"},
        {"task_id": "mapped", "state": "failed"},
        {"task_id": "mapped", "state": "success"},
        {"task_id": "publish", "state": None},
    ]
    query = {"limit": 100, "offset": 0}
    answer(stub, "GET", f"{RUN}/r1/taskInstances", {"task_instances": tasks}, QueryParameters=query)
    assert api.task_states("annuity_daily", "r1") == {"open_run": "success", "mapped": "failed", "publish": "none"}


def test_pages_are_read_to_the_end(api: AirflowApi, stub: Stubber) -> None:
    many = [{"dag_run_id": f"r{number}"} for number in range(100)]
    query = {"state": "queued", "limit": 100, "offset": 0}
    answer(stub, "GET", RUN, {"dag_runs": many}, QueryParameters=query)
    answer(stub, "GET", RUN, {"dag_runs": [{"dag_run_id": "last"}]}, QueryParameters={**query, "offset": 100})
    answer(stub, "GET", RUN, {"dag_runs": []}, QueryParameters={**query, "state": "running"})
    assert len(api.active_runs("annuity_daily")) == 101


def test_a_dag_is_paused_and_goes_on(api: AirflowApi, stub: Stubber) -> None:
    answer(stub, "PATCH", "/dags/annuity_daily", {}, Body={"is_paused": True})
    api.pause("annuity_daily")
    answer(stub, "PATCH", "/dags/annuity_daily", {}, Body={"is_paused": False})
    api.resume("annuity_daily")
    answer(stub, "GET", "/dags/annuity_daily", {"is_paused": True})
    assert api.is_paused("annuity_daily")


@pytest.mark.parametrize(
    ("code", "status", "http"),
    [
        ("RestApiServerException", 502, 400),
        ("RestApiClientException", 429, 400),
        ("ThrottlingException", 0, 400),
        ("TooManyRequestsException", 0, 429),
        ("InternalServerException", 0, 500),
        ("ServiceUnavailable", 0, 503),
    ],
)
def test_what_may_be_otherwise_in_a_moment(api: AirflowApi, stub: Stubber, code: str, status: int, http: int) -> None:
    refuse(stub, code, status, "later", http)
    with pytest.raises(AirflowBusy):
        api.run_state("annuity_daily", "r1")


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="https://env.airflow"),
        ConnectTimeoutError(endpoint_url="https://env.airflow"),
        EndpointConnectionError(endpoint_url="https://env.airflow"),
    ],
)
def test_no_answer_is_one_too(api: AirflowApi, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(**_: Any) -> None:
        raise error

    monkeypatch.setattr(api._client, "invoke_rest_api", fail)
    with pytest.raises(AirflowBusy, match="got no answer"):
        api.run_state("annuity_daily", "r1")


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("RestApiClientException", 404, "refused"),
        ("RestApiClientException", 403, "refused"),
        ("AccessDeniedException", 0, "airflow:InvokeRestApi"),
        ("ResourceNotFoundException", 0, "no such MWAA environment"),
        ("ValidationException", 0, "refused"),
    ],
)
def test_what_will_not_change_by_waiting(api: AirflowApi, stub: Stubber, code: str, status: int, said: str) -> None:
    refuse(stub, code, status, "no")
    with pytest.raises(AirflowRefused, match=said) as caught:
        api.run_state("annuity_daily", "r1")
    assert (caught.value.status, caught.value.exit_code) == (status, 3)
    assert "no" in caught.value.said
