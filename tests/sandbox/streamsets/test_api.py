"""What the engine refuses, and to whom it answers."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.faults import Fault
from sandbox.streamsets import api as streamsets
from tests.sandbox.aws_in_process import ACCOUNT
from tests.sandbox.collector_in_process import (
    PARAMETERS,
    PIPELINE,
    STAGE,
    Collector,
    definition,
    without_finisher,
)


def test_an_outage_answers_503_so_often(collector: Collector) -> None:
    collector.faults.add(Fault("streamsets_outage", times=2))
    assert [collector.call("GET", "system/info").status_code for _ in range(3)] == [503, 503, 200]


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"parser": {"dataFormat": "AVRO"}}, "dataFormat"),
        ({"parser": {"dataFormatConfig.csvHeader": "WITH_HEADER"}}, "dataFormatConfig.csvHeader"),
        ({"origin": {"s3ConfigBean.s3Config.comonPrefix": "x"}}, "s3ConfigBean.s3Config.comonPrefix"),
        ({"origin": {"s3ConfigBean.s3Config.commonPrefix": "${NOBODY}"}}, "s3ConfigBean.s3Config.commonPrefix"),
        ({"origin": {"s3ConfigBean.s3FileConfig.prefixPattern": ""}}, "s3ConfigBean.s3FileConfig.prefixPattern"),
        ({"origin": {"s3ConfigBean.postProcessingConfig.postProcessing": "DELETE"}},
         "s3ConfigBean.postProcessingConfig.postProcessing"),
        ({"executionMode": "CLUSTER_BATCH"}, "executionMode"),
    ],
)  # fmt: skip
def test_settings_that_would_not_be_honoured_are_issues(
    collector: Collector, changes: dict[str, Any], setting: str
) -> None:
    collector.install(definition(**changes))
    response = collector.call("POST", f"pipeline/{PIPELINE}/start", PARAMETERS)
    assert response.status_code == 400
    answer = response.json()
    issues = answer["pipelineIssues"] + [each for stage in answer["stageIssues"].values() for each in stage]
    assert [issue["configName"] for issue in issues] == [setting]
    assert collector.status() == "EDITED"


def test_stages_and_wiring_that_would_not_be_run_are_issues(collector: Collector) -> None:
    unknown, loose, early = (definition() for _ in range(3))
    unknown["pipelineConfig"]["stages"][1]["stageName"] = f"{STAGE}destination_kafka_KafkaDTarget"
    loose["pipelineConfig"]["stages"][1]["inputLanes"] = ["elsewhere"]
    early["pipelineConfig"]["stages"][2]["configuration"] = []  # would finish at the first event of any kind
    for document, said in ((unknown, "KafkaDTarget"), (loose, "not the origin's output"), (early, "no-more-data")):
        collector.install(document)
        response = collector.call("POST", f"pipeline/{PIPELINE}/start", PARAMETERS)
        assert response.status_code == 400
        assert said in response.text


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "pipeline/nobody/status", "CONTAINER_0200"),
        ("POST", "pipeline/nobody/start", "CONTAINER_0200"),
        ("GET", "pipeline/nobody", "CONTAINER_0200"),
        ("POST", f"pipeline/{PIPELINE}/stop", "CONTAINER_0102"),
        ("PUT", f"pipeline/{PIPELINE}", "CONTAINER_0201"),
    ],
)
def test_refusals_are_remote_exceptions(collector: Collector, method: str, path: str, code: str) -> None:
    collector.install(definition())
    response = collector.call(method, path)
    assert response.status_code == 500
    exception = response.json()["RemoteException"]
    assert exception["errorCode"] == code
    assert exception["localizedMessage"].startswith(f"{code} - ")


def test_an_active_pipeline_refuses_a_second_start_an_import_and_a_reset(collector: Collector) -> None:
    collector.install(without_finisher(definition()))
    collector.start()
    collector.wait("RUNNING")
    refused = {
        "start": "CONTAINER_0102", "resetOffset": "CONTAINER_0104", "import": "CONTAINER_0208",
    }  # fmt: skip
    for verb, code in refused.items():
        body = definition() if verb == "import" else PARAMETERS
        response = collector.call("POST", f"pipeline/{PIPELINE}/{verb}", body, overwrite="true")
        assert response.json()["RemoteException"]["errorCode"] == code
    collector.pipeline("POST", "stop")
    collector.wait("STOPPED")


def test_who_may_call(collector: Collector) -> None:
    url = f"{collector.url}/pipeline/{PIPELINE}/start"
    assert requests.post(url, auth=("admin", "admin"), timeout=10).status_code == 400  # no X-Requested-By
    assert requests.get(f"{collector.url}/system/info", timeout=10).status_code == 401
    assert requests.get(f"{collector.url}/system/info", auth=("admin", "x"), timeout=10).status_code == 401
    assert collector.call("GET", "system/info").json()["version"] == streamsets.VERSION
    assert collector.call("GET", "no/such/path").status_code == 404


def test_accounts_do_not_see_each_other(collector: Collector) -> None:
    collector.install(definition())
    other = collector.url.replace(ACCOUNT, "222222222222")
    assert requests.get(f"{other}/pipelines", auth=("admin", "admin"), timeout=10).json() == []
