"""The gateway: honest refusals, injected S3 errors, accounts apart, and its own interface."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import urllib.request
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.accounts import Door
from sandbox.aws.gateway import SERVICES
from sandbox.lifecycle import Sandbox, SandboxError

pytestmark = pytest.mark.sandbox

DEV, PROD = "111111111111", "222222222222"


@pytest.fixture(autouse=True)
def _no_faults_are_left(sandbox: Sandbox) -> Iterator[None]:
    yield
    sandbox.ask("DELETE", "faults")


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.response_class.__name__)
def test_every_operation_of_the_gateway_exists_in_the_service(service: object) -> None:
    from botocore.session import get_session  # noqa: PLC0415  # loads service models

    name = service.response_class().boto3_service_name  # type: ignore[attr-defined]
    known = set(get_session().get_service_model(name).operation_names)
    assert {*service.answers, *service.amendments} <= known  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "listed"),
    [
        (
            "emr",
            "describe_notebook_execution",
            {"NotebookExecutionId": "x"},
            "elasticmapreduce:DescribeNotebookExecution",
        ),
        ("ec2", "describe_fast_launch_images", {}, "ec2:DescribeFastLaunchImages"),
        ("cloudwatch", "put_composite_alarm", {"AlarmName": "a", "AlarmRule": "b"}, "monitoring:PutCompositeAlarm"),
        ("amplify", "list_apps", {}, "amplify:GET /apps"),
    ],
)
def test_what_nobody_answers_is_refused_at_once_and_listed(
    sandbox: Sandbox, door: Door, service: str, operation: str, arguments: dict[str, str], listed: str
) -> None:
    started = time.monotonic()
    with pytest.raises(ClientError) as caught:
        getattr(door.client(service, DEV), operation)(**arguments)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert caught.value.response["ResponseMetadata"].get("RetryAttempts") == 0
    assert caught.value.response["Error"]["Code"] == "SandboxNotImplemented"
    assert f"{listed} is not implemented in the local cloud" in caught.value.response["Error"]["Message"]
    assert sandbox.ask("GET", "unimplemented")[listed] == 1
    assert time.monotonic() - started < 30


def test_accounts_do_not_see_each_other(door: Door) -> None:
    door.client("emr", DEV).create_security_configuration(Name="of-dev", SecurityConfiguration="{}")
    assert door.client("emr", PROD).list_security_configurations()["SecurityConfigurations"] == []
    assert door.client("sts", PROD).get_caller_identity()["Account"] == PROD


def test_an_s3_error_strikes_as_often_as_asked_and_only_there(sandbox: Sandbox, door: Door) -> None:
    s3 = door.client("s3", DEV)
    s3.create_bucket(Bucket="faulty")
    sandbox.ask("POST", "faults", {"kind": "s3_error", "match": "^faulty/a/", "method": "PUT", "times": 5})
    s3.put_object(Bucket="faulty", Key="b", Body=b"")
    with pytest.raises(ClientError, match="SlowDown"):
        s3.put_object(Bucket="faulty", Key="a/1", Body=b"")  # three attempts
    s3.put_object(Bucket="faulty", Key="a/1", Body=b"")  # succeeds at the third
    assert sandbox.ask("GET", "faults") == []
    sandbox.ask("POST", "faults", {"kind": "s3_error", "method": "PUT"})
    assert s3.get_object(Bucket="faulty", Key="a/1")["Body"].read() == b""
    assert len(sandbox.ask("GET", "faults")) == 1


def test_an_s3_error_can_be_any(sandbox: Sandbox, door: Door) -> None:
    sandbox.ask("POST", "faults", {"kind": "s3_error", "match": "nowhere", "status": 403, "code": "AccessDenied"})
    with pytest.raises(ClientError, match="AccessDenied"):
        door.client("s3", DEV).get_object(Bucket="nowhere", Key="x")


def test_a_fault_that_nothing_suffers_is_refused_with_the_nearest_name(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="did you mean 's3_error'"):
        sandbox.ask("POST", "faults", {"kind": "s3_eror"})


def test_its_own_interface_says_what_it_does_not_know(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="not found"):
        sandbox.ask("GET", "nothing")
    with pytest.raises(SandboxError, match="'a-b' is not a database name"):
        sandbox.ask("PUT", "databases/a-b")


def test_a_checksum_given_with_an_object_comes_back_with_its_head(door: Door) -> None:
    s3 = door.client("s3", DEV)
    s3.create_bucket(Bucket="checked")
    s3.put_object(Bucket="checked", Key="a.dat", Body=b"H|policies\n", ChecksumAlgorithm="SHA256")
    head = s3.head_object(Bucket="checked", Key="a.dat", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(b"H|policies\n").digest()).decode()
    assert head["ContentLength"] == 11


def test_conditional_denials_do_not_lock_the_owner_out(door: Door) -> None:
    s3 = door.client("s3", DEV)
    s3.create_bucket(Bucket="guarded")
    conditions = [
        {"Bool": {"aws:SecureTransport": "false"}},
        {
            "StringNotEquals": {"aws:SourceVpce": ["vpce-1"]},
            "ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::1:role/x"]},
        },
        {"Null": {"s3:x-amz-server-side-encryption": "false"}},
    ]
    statements = [
        {"Sid": f"Deny{number}", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*",
         "Resource": ["arn:aws:s3:::guarded", "arn:aws:s3:::guarded/*"], "Condition": condition}
        for number, condition in enumerate(conditions)
    ]  # fmt: skip
    s3.put_bucket_policy(Bucket="guarded", Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    s3.put_object(Bucket="guarded", Key="a", Body=b"1", Tagging="zone=raw")
    assert s3.get_object(Bucket="guarded", Key="a")["Body"].read() == b"1"
    assert s3.get_object_tagging(Bucket="guarded", Key="a")["TagSet"] == [{"Key": "zone", "Value": "raw"}]
    unconditional = {"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::guarded/*"]}  # fmt: skip  # noqa: E501
    s3.put_bucket_policy(Bucket="guarded", Policy=json.dumps({"Version": "2012-10-17", "Statement": [unconditional]}))
    with pytest.raises(ClientError, match="403"):
        s3.get_object(Bucket="guarded", Key="a")


def test_a_locked_object_cannot_be_deleted(door: Door) -> None:
    s3 = door.client("s3", DEV)
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    retention = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
    s3.put_object_lock_configuration(
        Bucket="locked", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": retention}
    )
    version = s3.put_object(Bucket="locked", Key="a", Body=b"1")["VersionId"]
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket="locked", Key="a", VersionId=version)


def test_a_versioned_bucket_with_delete_markers_can_be_emptied(door: Door) -> None:
    s3 = door.client("s3", DEV)
    s3.create_bucket(Bucket="emptied")
    s3.put_bucket_versioning(Bucket="emptied", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="emptied", Key="a", Body=b"1")
    s3.delete_object(Bucket="emptied", Key="a")
    listed = s3.list_object_versions(Bucket="emptied")
    for each in [*listed["Versions"], *listed["DeleteMarkers"]]:
        s3.delete_object(Bucket="emptied", Key="a", VersionId=each["VersionId"])
    s3.delete_bucket(Bucket="emptied")


def test_health_needs_no_credentials(sandbox: Sandbox) -> None:
    with urllib.request.urlopen(f"{sandbox.endpoint}/_sandbox/health") as answer:  # noqa: S310
        assert json.load(answer)["pid"] == sandbox.pid
