"""Which permissions a request needs on AWS: by the tables, for services and S3 alike."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from sandbox.aws.calls import s3
from sandbox.aws.calls.data import known
from sandbox.aws.calls.needs import UNTOLD, Need, needs
from sandbox.aws.calls.request import Request, read

ACCOUNT = "444444444444"
HERE = f"us-east-1:{ACCOUNT}"


def of(service: str, operation: str, **parameters: str) -> list[Need]:
    named = {path.replace("__", "."): text for path, text in parameters.items()}
    return list(needs(Request("AKIA", "us-east-1", service, operation, named), ACCOUNT))


def pairs(found: list[Need]) -> list[tuple[str, str]]:
    return [(need.action, need.resource) for need in found]


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        ("monitoring", "PutMetricAlarm", {}, [("cloudwatch:PutMetricAlarm", UNTOLD)]),
        ("tagging", "GetResources", {}, [("tag:GetResources", "*")]),
        ("budgets", "CreateBudget", {}, [("budgets:ModifyBudget", UNTOLD)]),
        ("sts", "GetCallerIdentity", {}, []),
        ("ssm", "GetParameter", {"Name": "/a/b"}, [("ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/a/b")]),
        (
            "elasticmapreduce",
            "TerminateJobFlows",
            {"JobFlowIds__1": "j-1", "JobFlowIds__2": "j-2"},
            [
                ("elasticmapreduce:TerminateJobFlows", f"arn:aws:elasticmapreduce:{HERE}:cluster/j-1"),
                ("elasticmapreduce:TerminateJobFlows", f"arn:aws:elasticmapreduce:{HERE}:cluster/j-2"),
            ],
        ),
        (
            "glue",
            "GetTable",
            {"DatabaseName": "d", "Name": "t"},
            [
                ("glue:GetTable", f"arn:aws:glue:{HERE}:catalog"),
                ("glue:GetTable", f"arn:aws:glue:{HERE}:database/d"),
                ("glue:GetTable", f"arn:aws:glue:{HERE}:table/d/t"),
            ],
        ),
        (
            "iam",
            "CreateRole",
            {"RoleName": "r", "Path": "/tenant/annuity/"},
            [("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/tenant/annuity/r")],
        ),
        (
            "airflow",
            "InvokeRestApi",
            {"Name": "e"},
            [("airflow:InvokeRestApi", f"arn:aws:airflow:{HERE}:role/e/Admin")],
        ),
        (
            "kms",
            "CreateAlias",
            {"AliasName": "alias/a", "TargetKeyId": "1-2"},
            [("kms:CreateAlias", f"arn:aws:kms:{HERE}:alias/a"), ("kms:CreateAlias", f"arn:aws:kms:{HERE}:key/1-2")],
        ),
    ],
)
def test_action_and_resource(
    service: str, operation: str, parameters: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert pairs(of(service, operation, **parameters)) == expected


def test_a_cluster_is_started_on_no_resource_tagged_on_its_own_and_given_roles() -> None:
    found = of(
        "elasticmapreduce", "RunJobFlow", ServiceRole="s", JobFlowRole="n", Tags__1__Key="env", Tags__1__Value="dev"
    )
    assert pairs(found) == [
        ("elasticmapreduce:RunJobFlow", "*"),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/s"),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/n"),
        ("elasticmapreduce:AddTags", f"arn:aws:elasticmapreduce:{HERE}:cluster/j-NEW"),
    ]
    assert dict(found[0].context)["aws:requesttag/env"] == "dev"
    assert [dict(need.context).get("iam:passedtoservice") for need in found[1:3]] == [
        "elasticmapreduce.amazonaws.com",
        "ec2.amazonaws.com",
    ]


def test_a_service_uses_keys_in_the_callers_name() -> None:
    found = of("rds", "CreateDBInstance", KmsKeyId=f"arn:aws:kms:{HERE}:key/1-2")
    key = f"arn:aws:kms:{HERE}:key/1-2"
    assert pairs(found)[1:] == [("kms:CreateGrant", key), ("kms:DescribeKey", key)]
    assert dict(found[1].context)["kms:viaservice"] == "rds.us-east-1.amazonaws.com"


def test_every_action_of_the_tables_is_one_that_aws_has() -> None:
    tables = known()
    named = [f"{service}:{action}" for service, renamed in tables.actions.items() for action in renamed.values()]
    named += [*tables.tagging.values()]
    named += [also["action"] for entries in tables.also.values() for also in entries]
    named += [f"kms:{action}" for entries in tables.keys.values() for _, _, actions in entries for action in actions]
    s3_tables = s3._tables()
    for kind in ("bucket", "object"):
        named += [f"s3:{action}" for actions in s3_tables[kind].values() for action in actions.values()]
    named += [f"s3:{action}" for action in s3_tables["of_a_version"].values()]
    named += [f"s3:{each}" for more in s3_tables["headers"].values() for actions in more.values() for each in actions]
    listed = {service for service in tables.on}
    missing = {
        action
        for action in named
        if (service := action.partition(":")[0]) in listed
        and action.partition(":")[2] not in tables.on[service] | tables.off[service]
    }
    assert missing == set()


def signed(service: str, method: str, path: str, body: bytes = b"", **headers: Any) -> dict[str, Any]:
    """A WSGI environment of a request that somebody has signed."""
    path, _, query = path.partition("?")
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential=ASIA1/20261123/us-east-1/{service}/aws4_request, Sig",
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }


def test_requests_are_read_in_every_protocol_and_left_as_they_were() -> None:
    form = urlencode({"Action": "GetRole", "RoleName": "r"}).encode()
    environ = signed("iam", "POST", "/", form)
    assert read(environ) == Request("ASIA1", "us-east-1", "iam", "GetRole", {"Action": "GetRole", "RoleName": "r"})
    assert environ["wsgi.input"].read() == form
    document = json.dumps({"Names": ["/a", "/b"]}).encode()
    asked = read(signed("ssm", "POST", "/", document, x_amz_target="AmazonSSM.GetParameters"))
    assert asked is not None
    assert (asked.operation, asked.parameters) == ("GetParameters", {"Names.1": "/a", "Names.2": "/b"})
    by_path = read(signed("airflow", "GET", "/environments/meridian-dev"))
    assert by_path is not None
    assert (by_path.operation, by_path.parameters) == ("GetEnvironment", {"Name": "meridian-dev"})
    assert read({**environ, "HTTP_AUTHORIZATION": ""}) is None


def of_s3(
    method: str, path: str, status: int = 200, answered: dict[str, str] | None = None, **headers: Any
) -> Iterator[Need]:
    return s3.needs(signed("s3", method, path, **headers), [], status, answered or {}, "us-east-1")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/", [("s3:ListAllMyBuckets", "*")]),
        ("GET", "/b?list-type=2&prefix=a/", [("s3:ListBucket", "arn:aws:s3:::b")]),
        ("HEAD", "/b", [("s3:ListBucket", "arn:aws:s3:::b")]),
        ("GET", "/b?policy", [("s3:GetBucketPolicy", "arn:aws:s3:::b")]),
        ("DELETE", "/b?lifecycle", [("s3:PutLifecycleConfiguration", "arn:aws:s3:::b")]),
        ("HEAD", "/b/a/k", [("s3:GetObject", "arn:aws:s3:::b/a/k")]),
        ("GET", "/b/k?versionId=1", [("s3:GetObjectVersion", "arn:aws:s3:::b/k")]),
        ("PUT", "/b/k?partNumber=1&uploadId=u", [("s3:PutObject", "arn:aws:s3:::b/k")]),
        ("DELETE", "/b/k?uploadId=u", [("s3:AbortMultipartUpload", "arn:aws:s3:::b/k")]),
        ("GET", "/v20180820/configuration/publicAccessBlock", [("s3:GetAccountPublicAccessBlock", "*")]),
    ],
)
def test_a_request_to_s3(method: str, path: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(list(of_s3(method, path))) == expected


def test_a_missing_object_is_missing_for_whoever_may_list_the_bucket() -> None:
    found = list(of_s3("HEAD", "/b/a/k", status=404))
    assert pairs(found) == [("s3:GetObject", "arn:aws:s3:::b/a/k"), ("s3:ListBucket", "arn:aws:s3:::b")]
    assert dict(found[1].context) == {"s3:prefix": "a/k"}


def test_a_copy_reads_what_it_copies() -> None:
    found = pairs(list(of_s3("PUT", "/b/k", x_amz_copy_source="/from/a%20b", x_amz_tagging="a=b")))
    assert found == [
        ("s3:PutObject", "arn:aws:s3:::b/k"),
        ("s3:PutObjectTagging", "arn:aws:s3:::b/k"),
        ("s3:GetObject", "arn:aws:s3:::from/a b"),
    ]


def test_what_conditions_ask_of_an_upload_is_told_and_what_it_lacks_too() -> None:
    (found,) = of_s3("PUT", "/b/k", if_none_match="*")
    told = dict(found.context)
    assert (told["s3:if-none-match"], told["s3:x-amz-server-side-encryption"]) == ("*", None)


def test_many_objects_are_deleted_by_one_request() -> None:
    body = b"<Delete><Object><Key>a</Key></Object><Object><Key>b</Key><VersionId>1</VersionId></Object></Delete>"
    environ = signed("s3", "POST", "/b?delete", body)
    found = s3.needs(environ, s3.keys_to_delete(environ), 200, {}, "us-east-1")
    assert pairs(list(found)) == [
        ("s3:DeleteObject", "arn:aws:s3:::b/a"),
        ("s3:DeleteObjectVersion", "arn:aws:s3:::b/b"),
    ]


def test_what_is_not_in_the_tables_is_recorded_as_what_it_was() -> None:
    (found,) = of_s3("PATCH", "/b/k?colour=blue")
    assert (found.action, found.resource) == ("s3:PATCH colour", UNTOLD)
