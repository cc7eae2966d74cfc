"""A pipeline as the generator renders it, and a Data Collector stand-in driven through its REST API."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import requests

from sandbox.faults import Faults
from tests.sandbox.aws_in_process import policy

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
