"""What a running local cloud records, of whom, and the policies that its prepared accounts have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.accounts import AccountStack, Door
from sandbox.lifecycle import Sandbox

pytestmark = pytest.mark.sandbox

ACCOUNT = "555555555555"
JENKINS = "arn:aws:iam::123456789012:role/record-jenkins"
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": f"{JENKINS}-plan"}, "Action": "sts:AssumeRole"}]}
DENIAL = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::record-kept/*"}
TEMPLATE = {
    "Resources": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": "record-plan",
                "AssumeRolePolicyDocument": TRUST,
                "ManagedPolicyArns": ["arn:aws:iam::aws:policy/SecurityAudit"],
            },
        },
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "record-kept"}},
        "Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Statement": [DENIAL]}},
        },
    }
}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/record-plan"


@pytest.fixture(scope="module")
def prepared(sandbox: Sandbox) -> Sandbox:
    stack = AccountStack(ACCOUNT, "record", json.dumps(TEMPLATE), {}, {"env": "test"})
    for _ in range(2):  # again changes nothing
        sandbox.prepare([stack], JENKINS)
    return sandbox


def calls_of(running: Sandbox, role: str) -> dict[tuple[str, str], Any]:
    """Return {(action, resource): (context, count)} of a role."""
    found = running.ask("GET", "calls")
    assert found["not_kept"] == 0
    return {(action, on): (told, count) for who, action, on, told, count in found["calls"] if who == role}


def test_an_account_has_the_policies_of_its_template_and_jenkins_its_roles(prepared: Sandbox) -> None:
    standing = prepared.ask("GET", "policies")
    assert list(standing["roles"][ROLE]["policies"]) == ["SecurityAudit"]
    assert standing["roles"][ROLE]["trust"] == TRUST
    assert standing["resources"]["arn:aws:s3:::record-kept"]["policy"]["Statement"] == [DENIAL]
    jenkins = standing["roles"][f"{JENKINS}-deploy"]
    assert jenkins["tags"] == {"sluice-stage": "deploy"}
    assert jenkins["policies"]["accounts"]["Statement"][0]["Resource"] == "arn:aws:iam::*:role/sluice-deploy"


def test_each_permission_is_recorded_once_with_how_often(prepared: Sandbox) -> None:
    s3 = Door(prepared.endpoint).client("s3", ACCOUNT, "record-plan")
    s3.put_object(Bucket="record-kept", Key="a", Body=b"1", IfNoneMatch="*")
    for _ in range(3):
        s3.get_object(Bucket="record-kept", Key="a")
    found = calls_of(prepared, ROLE)
    assert found["s3:GetObject", "arn:aws:s3:::record-kept/a"] == ({}, 3)
    told, count = found["s3:PutObject", "arn:aws:s3:::record-kept/a"]
    assert (told["s3:if-none-match"], count) == ("*", 1)


def test_what_the_local_cloud_refuses_itself_is_not_recorded(prepared: Sandbox) -> None:
    s3 = Door(prepared.endpoint).client("s3", ACCOUNT, "record-plan")
    with pytest.raises(ClientError, match="403"):
        s3.delete_object(Bucket="record-kept", Key="a")
    assert ("s3:DeleteObject", "arn:aws:s3:::record-kept/a") not in calls_of(prepared, ROLE)


def test_what_is_deleted_was_looked_up_before_it_went(prepared: Sandbox) -> None:
    iam = Door(prepared.endpoint).client("iam", ACCOUNT, "record-plan")
    iam.create_role(RoleName="r", Path="/tenant/x/", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.delete_role(RoleName="r")
    assert ("iam:DeleteRole", f"arn:aws:iam::{ACCOUNT}:role/tenant/x/r") in calls_of(prepared, ROLE)


def test_who_administers_the_accounts_and_the_base_credentials_are_nobodys_role(prepared: Sandbox) -> None:
    roles = {who for who, *_ in prepared.ask("GET", "calls")["calls"]}
    assert not any(role.endswith("OrganizationAccountAccessRole") or ":role/" not in role for role in roles)
