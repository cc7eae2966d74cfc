"""The Data Collector stand-in through its REST API, moving real objects."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.context import Context
from sandbox.faults import Fault, Faults
from sandbox.streamsets import api as streamsets
from tests.sandbox.aws_in_process import ACCOUNT, client, policy, serve

LANDING, RAW = "meridian-dev-annuity-landing", "meridian-dev-annuity-raw"
PIPELINE = "annuity_policies"
PARAMETERS = {"AS_OF": "2026-10-31", "ATTEMPT": "0197c0de"}
SOURCE = "policies/as_of=2026-10-31/"
TARGET = "policies/as_of=2026-10-31/attempt=0197c0de/"
ENDED = {"FINISHED", "RUN_ERROR", "START_ERROR", "STOPPED"}
STAGE = "com_streamsets_pipeline_stage_"
SERVICE = "com.streamsets.pipeline.api.service.dataformats."


def settings(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def stage(name: str, version: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    named = {"instanceName": name.rsplit("_", maxsplit=1)[-1], "stageName": f"{STAGE}{name}", "stageVersion": version}
    lanes: dict[str, Any] = {"inputLanes": [], "outputLanes": [], "eventLanes": [], "services": []}
    return named | lanes | {"configuration": settings(values)} | more


def service(name: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"service": SERVICE + name, "serviceVersion": 2, "configuration": settings(values)}]


ORIGIN = {
    "s3ConfigBean.s3Config.connection.awsConfig.credentialMode": "WITH_IAM_ROLES",
    "s3ConfigBean.s3Config.connection.useRegion": True,
    "s3ConfigBean.s3Config.connection.region": "US_EAST_1",
    "s3ConfigBean.s3Config.bucket": LANDING,
    "s3ConfigBean.s3Config.commonPrefix": "policies/as_of=${AS_OF}/",
    "s3ConfigBean.s3FileConfig.prefixPattern": "*.dat",
    "s3ConfigBean.s3FileConfig.objectOrdering": "LEXICOGRAPHICAL",
    "s3ConfigBean.basicConfig.maxBatchSize": 10,
}
DESTINATION = {
    "s3TargetConfigBean.s3Config.connection.awsConfig.credentialMode": "WITH_IAM_ROLES",
    "s3TargetConfigBean.s3Config.bucketTemplate": RAW,
    "s3TargetConfigBean.s3Config.commonPrefix": "policies/as_of=${AS_OF}/attempt=${ATTEMPT}/",
    "s3TargetConfigBean.fileNamePrefix": "sdc",
    "s3TargetConfigBean.fileNameSuffix": "json",
}
PARSER = {
    "dataFormat": "DELIMITED",
    "dataFormatConfig.csvFileFormat": "CUSTOM",
    "dataFormatConfig.csvCustomDelimiter": "|",
    "dataFormatConfig.csvHeader": "NO_HEADER",
    "dataFormatConfig.csvRecordType": "LIST_MAP",
}
GENERATOR = {"dataFormat": "JSON", "dataGeneratorFormatConfig.jsonMode": "MULTIPLE_OBJECTS"}


def definition(
    origin: dict[str, Any] | None = None, parser: dict[str, Any] | None = None, **pipeline: Any
) -> dict[str, Any]:
    """An export document as the generator renders it, with settings changed or added."""
    constants = [{"key": name, "value": ""} for name in PARAMETERS]
    parsing = service("DataFormatParserService", PARSER | (parser or {}))
    condition = {"stageRecordPreconditions": ["${record:eventType() == 'no-more-data'}"]}
    config = {
        "schemaVersion": 6,
        "pipelineId": PIPELINE,
        "title": PIPELINE,
        "configuration": settings({"executionMode": "STANDALONE", "constants": constants} | pipeline),
        "stages": [
            stage("origin_s3_AmazonS3DSource", "13", ORIGIN | (origin or {}), services=parsing, outputLanes=["r"],
                  eventLanes=["e"]),
            stage("destination_s3_AmazonS3DTarget", "13", DESTINATION, inputLanes=["r"],
                  services=service("DataFormatGeneratorService", GENERATOR)),
            stage("executor_finishpipeline_PipelineFinisherDExecutor", "1", condition, inputLanes=["e"]),
        ],
        "errorStage": {"stageName": f"{STAGE}destination_devnull_ToErrorNullDTarget", "instanceName": "Discard"},
        "metadata": {"labels": ["sluice"], "sluice.sha256": "abc"},
    }  # fmt: skip
    return {"pipelineConfig": config, "pipelineRules": None, "libraryDefinitions": None}


def without_finisher(document: dict[str, Any]) -> dict[str, Any]:
    document["pipelineConfig"]["stages"].pop()
    return document


@dataclass
class Collector:
    """A Data Collector's REST API, and the account's S3."""

    url: str
    s3: Any
    faults: Faults

    def call(self, method: str, path: str, body: Any = None, **query: str) -> requests.Response:
        return requests.request(
            method, f"{self.url}/{path}", params={"rev": "0"} | query, json=body, auth=("admin", "admin"),
            headers={"X-Requested-By": "sluice"}, timeout=20,
        )  # fmt: skip

    def pipeline(self, method: str, verb: str = "", body: Any = None, **query: str) -> Any:
        response = self.call(method, f"pipeline/{PIPELINE}{verb and '/'}{verb}", body, **query)
        response.raise_for_status()
        return response.json() if response.text else None

    def status(self) -> str:
        return str(self.pipeline("GET", "status")["status"])

    def install(self, document: dict[str, Any]) -> None:
        self.pipeline("POST", "import", document, overwrite="true")

    def start(self, **parameters: str) -> dict[str, Any]:
        started: dict[str, Any] = self.pipeline("POST", "start", PARAMETERS | parameters)
        return started

    def wait(self, *statuses: str) -> dict[str, Any]:
        wanted = statuses or ENDED
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            state: dict[str, Any] = self.pipeline("GET", "status")
            if state["status"] in wanted:
                return state
            time.sleep(0.02)
        raise AssertionError(f"not one of {wanted}: {self.pipeline('GET', 'history')}")

    def run(self, document: dict[str, Any] | None = None) -> dict[str, Any]:
        self.install(document or definition())
        self.start()
        return self.wait()

    def land(self, name: str, *lines: str) -> None:
        self.s3.put_object(Bucket=LANDING, Key=SOURCE + name, Body="".join(f"{line}\n" for line in lines).encode())

    def written(self, prefix: str = TARGET) -> dict[str, bytes]:
        listed = self.s3.list_objects_v2(Bucket=RAW, Prefix=prefix).get("Contents", [])
        return {each["Key"]: self.s3.get_object(Bucket=RAW, Key=each["Key"])["Body"].read() for each in listed}

    def lines(self) -> list[str]:
        """The second field of every record written."""
        content = b"".join(self.written().values()).decode()
        return sorted(json.loads(line)["1"] for line in content.splitlines())


def counts(state: dict[str, Any]) -> tuple[int, int, int]:
    counters = json.loads(state["metrics"])["counters"]
    return tuple(counters[f"pipeline.batch{kind}Records.counter"]["count"] for kind in ("Input", "Output", "Error"))


def make_instance_profile(iam: Any) -> None:
    """What the Terraform module `streamsets` makes: read on landing, write on raw."""
    name, arn = "meridian-dev-platform-streamsets", "arn:aws:s3:::meridian-dev-*"
    allowed = {"s3:GetObject": f"{arn}-landing/*", "s3:PutObject": f"{arn}-raw/*", "s3:ListBucket": arn}
    statements = [
        {"Effect": "Allow", "Action": [action], "Resource": resource} for action, resource in allowed.items()
    ]  # fmt: skip
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy())
    iam.put_role_policy(RoleName=name, PolicyName="ingest", PolicyDocument=policy(*statements))
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)


@pytest.fixture(scope="module")
def aws() -> Iterator[tuple[str, dict[str, Any]]]:
    paths: dict[str, Any] = {}
    with serve(paths=paths) as endpoint:
        make_instance_profile(client("iam", endpoint))
        yield endpoint, paths


@pytest.fixture
def collector(aws: tuple[str, dict[str, Any]], tmp_path: Path) -> Iterator[Collector]:
    endpoint, paths = aws
    faults = Faults()
    paths[streamsets.PREFIX] = streamsets.wsgi(Context(endpoint, tmp_path, None, faults))
    s3 = client("s3", endpoint)
    for bucket in (LANDING, RAW):
        s3.create_bucket(Bucket=bucket)
    yield Collector(f"{endpoint}{streamsets.PREFIX}/{ACCOUNT}/rest/v1", s3, faults)
    for bucket in (LANDING, RAW):
        for each in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=each["Key"])
        s3.delete_bucket(Bucket=bucket)


def test_delimited_objects_become_json_lines_and_the_run_finishes(collector: Collector) -> None:
    collector.land("policies.dat", "H|policies|2026-10-31", "D|P-1|", "T|1")
    collector.land("manifest.json", "not data")
    state = collector.run()
    assert state["status"] == "FINISHED"
    assert counts(state) == (3, 3, 0)
    ((key, content),) = collector.written().items()
    assert key.startswith(f"{TARGET}sdc-")
    assert key.endswith(".json")
    assert content == b'{"0":"H","1":"policies","2":"2026-10-31"}\n{"0":"D","1":"P-1","2":""}\n{"0":"T","1":"1"}\n'
    assert state["attributes"]["RUNTIME_PARAMETERS"] == PARAMETERS
    assert [each["status"] for each in collector.pipeline("GET", "history")][:5] == [
        "FINISHED", "FINISHING", "RUNNING", "STARTING", "EDITED",
    ]  # fmt: skip


def test_metrics_end_with_the_run_and_the_definition_is_kept(collector: Collector) -> None:
    document = without_finisher(definition())
    collector.land("a.dat", "D|1")
    collector.install(document)
    collector.start()
    collector.wait("RUNNING")
    assert collector.call("GET", f"pipeline/{PIPELINE}/metrics").json()["counters"]
    collector.pipeline("POST", "stop")
    collector.wait("STOPPED")
    assert collector.call("GET", f"pipeline/{PIPELINE}/metrics").status_code == 204
    kept = collector.pipeline("GET")
    assert kept["metadata"] == {"labels": ["sluice"], "sluice.sha256": "abc"}
    assert kept["stages"] == document["pipelineConfig"]["stages"]
    assert collector.pipeline("GET", "export")["pipelineConfig"] == kept
    assert [each["pipelineId"] for each in collector.call("GET", "pipelines").json()] == [PIPELINE]
    assert collector.call("GET", "pipelines/status").json()[f"{PIPELINE}::0"]["status"] == "STOPPED"


def test_without_a_finisher_it_goes_on_and_reads_what_comes_later(collector: Collector) -> None:
    collector.install(without_finisher(definition()))
    collector.start()
    collector.wait("RUNNING")
    collector.land("later.dat", "D|late")
    deadline = time.monotonic() + 10
    while collector.lines() != ["late"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert collector.status() == "RUNNING"
    assert collector.pipeline("POST", "forceStop")["status"] == "STOPPED"


def test_the_committed_offset_is_where_the_next_run_begins(collector: Collector) -> None:
    collector.land("a.dat", "D|1")
    collector.run()
    offset = collector.pipeline("GET", "committedOffsets")
    assert offset["version"] == 2
    assert offset["offsets"]["0"].startswith(f"{SOURCE}a.dat::-1::")

    collector.land("b.dat", "D|2")
    collector.start(ATTEMPT="second")
    assert counts(collector.wait()) == (1, 1, 0)

    collector.pipeline("POST", "resetOffset")
    assert collector.pipeline("GET", "committedOffsets") is None
    collector.start(ATTEMPT="third")
    assert counts(collector.wait()) == (2, 2, 0)


def test_bad_records_are_counted_and_left_out(collector: Collector) -> None:
    collector.land("a.dat", "D|1", 'D|"a"b', "D|2")
    assert counts(collector.run()) == (3, 2, 1)
    assert collector.lines() == ["1", "2"]


def test_an_engine_restart_loses_and_doubles_nothing(collector: Collector) -> None:
    numbers = [f"{number:03}" for number in range(25)]
    collector.land("a.dat", *(f"D|{number}" for number in numbers[:22]))
    collector.land("b.dat", *(f"D|{number}" for number in numbers[22:]))
    collector.faults.add(Fault("streamsets_restart", match=PIPELINE, options={"seconds": 0.1}))
    state = collector.run()
    assert state["status"] == "FINISHED"
    assert counts(state) == (25, 25, 0)
    assert collector.lines() == numbers
    seen = [each["status"] for each in reversed(collector.pipeline("GET", "history"))]
    assert seen == [
        "EDITED", "EDITED", "STARTING", "RUNNING", "DISCONNECTING", "DISCONNECTED", "CONNECTING", "RUNNING",
        "FINISHING", "FINISHED",
    ]  # fmt: skip


def test_a_run_that_was_stopped_goes_on_where_it_was(collector: Collector) -> None:
    numbers = [f"{number:03}" for number in range(25)]
    collector.land("a.dat", *(f"D|{number}" for number in numbers))
    options = {"after_records": 10, "message": "S3_21 - no"}
    collector.faults.add(Fault("streamsets_run_error", match=PIPELINE, options=options))
    state = collector.run()
    assert (state["status"], state["message"], counts(state)) == ("RUN_ERROR", "S3_21 - no", (10, 10, 0))
    collector.start()
    assert counts(collector.wait("FINISHED")) == (15, 15, 0)
    assert collector.lines() == numbers


def test_an_error_of_s3_is_tried_again_as_often_as_the_pipeline_says(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.streamsets.run.FIRST_RETRY_SECONDS", 0.05)
    collector.land("a.dat", "D|1")
    document = definition(shouldRetry=True, retryAttempts=2)
    target = document["pipelineConfig"]["stages"][1]["configuration"]
    bucket = next(each for each in target if each["name"].endswith("bucketTemplate"))
    bucket["value"] = LANDING  # which the engine may list and read, not write
    state = collector.run(document)
    assert state["status"] == "RUN_ERROR"
    assert "is not authorized to perform: s3:PutObject" in state["message"]
    seen = [each["status"] for each in reversed(collector.pipeline("GET", "history"))]
    attempt = ["STARTING", "RUNNING", "RUNNING_ERROR"]
    assert seen == ["EDITED", "EDITED", *attempt, "RETRY", *attempt, "RETRY", *attempt, "RUN_ERROR"]


def test_a_bucket_that_does_not_exist_is_a_start_error(collector: Collector) -> None:
    state = collector.run(definition(origin={"s3ConfigBean.s3Config.bucket": "meridian-dev-none"}))
    assert state["status"] == "START_ERROR"
    assert "S3_SPOOLDIR_12 - An error occurred (404)" in state["message"]
    assert counts(state) == (0, 0, 0)


def test_what_the_instance_profile_may_not_do_is_not_done(collector: Collector) -> None:
    state = collector.run(definition(origin={"s3ConfigBean.s3Config.bucket": "meridian-prod-annuity-landing"}))
    assert state["status"] == "START_ERROR"
    assert "is not authorized to perform: s3:ListBucket" in state["message"]


def test_an_account_without_the_engines_module_has_no_engine_role(collector: Collector) -> None:
    collector.url = collector.url.replace(ACCOUNT, "222222222222")
    state = collector.run()
    assert state["status"] == "START_ERROR"
    assert "account 222222222222 has no instance profile '*-streamsets'" in state["message"]


def test_whole_files_are_moved_as_they_are(collector: Collector) -> None:
    collector.s3.put_object(Bucket=LANDING, Key=SOURCE + "image.dat", Body=b"\x00\xff\n")
    document = definition()
    for each in document["pipelineConfig"]["stages"][:2]:
        each["services"][0]["configuration"] = settings({"dataFormat": "WHOLE_FILE"})
    assert counts(collector.run(document)) == (1, 1, 0)
    assert collector.written() == {f"{TARGET}sdc-image.dat": b"\x00\xff\n"}


def test_an_empty_prefix_finishes_with_nothing(collector: Collector) -> None:
    state = collector.run()
    assert (state["status"], counts(state), collector.written()) == ("FINISHED", (0, 0, 0), {})


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


def test_the_rendered_pipelines_are_understood_in_full(collector: Collector) -> None:
    rendered = sorted(Path("environments").glob("*/rendered/*/dag/ingest/*.json"))
    assert rendered, "nothing is rendered"
    for path in rendered:
        collector.install(json.loads(path.read_text()))
        assert collector.call("POST", f"pipeline/{PIPELINE}/start", PARAMETERS).status_code == 200, path
        collector.wait()
