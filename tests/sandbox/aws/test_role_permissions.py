"""What a role may do follows from its policies, its boundary, and nothing else."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.aws import role_permissions
from sandbox.aws.role_permissions import may

OBJECT = "arn:aws:s3:::annuity-curated/policy/part-0.parquet"
BUCKET = "arn:aws:s3:::annuity-curated/*"
BOUNDARY = "arn:aws:iam::111111111111:policy/boundary"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def policy(text: str) -> Any:
    versions = [SimpleNamespace(version_id="v1", document=document()), SimpleNamespace(version_id="v2", document=text)]
    return SimpleNamespace(default_version_id="v2", versions=versions)


def allow(action: str = "s3:GetObject", resource: str = BUCKET, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def role(*statements: dict[str, Any], attached: str | None = None, boundary: str | None = None) -> Any:
    return SimpleNamespace(
        account_id="111111111111", partition="aws", policies={"data": document(*statements)} if statements else {},
        managed_policies={"arn": policy(attached)} if attached else {}, permissions_boundary_arn=boundary,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow()], True),
        ([allow("s3:Get*")], True),
        ([allow("S3:GETOBJECT")], True),
        ([allow("s3:PutObject")], False),
        ([allow(resource="arn:aws:s3:::other/*")], False),
        ([allow(resource=OBJECT[:-1] + "?")], True),
        ([], False),
        ([allow(), allow("s3:*") | {"Effect": "Deny"}], False),
        ([allow(Condition={"StringEquals": {"aws:PrincipalTag/x": "y"}})], False),
        ([allow(), allow() | {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}], True),
        ([{"Effect": "Allow", "NotAction": "s3:PutObject", "Resource": "*"}], True),
        ([{"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"}], False),
        ([{"Effect": "Allow", "Action": "s3:*", "NotResource": BUCKET}], False),
    ],
)
def test_statements(statements: list[dict[str, Any]], expected: bool) -> None:
    assert may(role(*statements), "s3:GetObject", OBJECT) is expected


def test_an_attached_policy_counts_in_its_default_version() -> None:
    assert may(role(attached=document(allow())), "s3:GetObject", OBJECT)


@pytest.mark.parametrize(("bounded_by", "expected"), [(allow("s3:*"), True), (allow("s3:PutObject"), False)])
def test_a_boundary_allows_nothing_by_itself_and_limits_everything(
    monkeypatch: pytest.MonkeyPatch, bounded_by: dict[str, Any], expected: bool
) -> None:
    backend = SimpleNamespace(managed_policies={BOUNDARY: policy(document(bounded_by))})
    monkeypatch.setattr(role_permissions, "iam_backends", {"111111111111": {"aws": backend}})
    assert may(role(allow(), boundary=BOUNDARY), "s3:GetObject", OBJECT) is expected
    assert not may(role(boundary=BOUNDARY), "s3:GetObject", OBJECT)
