"""Bootstrapped accounts: what must be there before Sluice first runs."""

from __future__ import annotations

import json

import pytest

from sandbox.aws.accounts import Door
from sandbox.lifecycle import Sandbox

pytestmark = pytest.mark.sandbox

ACCOUNTS = {"dev": "111111111111", "prod": "222222222222"}


def test_bootstrap_makes_the_roles_and_the_buckets_of_each_account(sandbox: Sandbox) -> None:
    sandbox.bootstrap(ACCOUNTS, "meridian")
    sandbox.bootstrap(ACCOUNTS, "meridian")  # again changes nothing
    door = Door(sandbox.endpoint)
    for environment, account_id in ACCOUNTS.items():
        iam, s3 = door.client("iam", account_id), door.client("s3", account_id)
        role = iam.get_role(RoleName="sluice-deploy")["Role"]
        assert role["Arn"] == f"arn:aws:iam::{account_id}:role/sluice-deploy"
        assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {
            "AWS": "arn:aws:iam::123456789012:root"
        }
        attached = iam.list_attached_role_policies(RoleName="sluice-deploy")["AttachedPolicies"]
        assert [policy["PolicyName"] for policy in attached] == ["AdministratorAccess"]
        assert {"sluice-plan", "sluice-approve"} <= {each["RoleName"] for each in iam.list_roles()["Roles"]}
        for bucket in (f"meridian-{environment}-platform-{name}" for name in ("tfstate", "ledger", "releases")):
            assert bucket in [each["Name"] for each in s3.list_buckets()["Buckets"]]
            assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
            rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
            assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
            assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())


def test_bootstrap_makes_one_signing_key_for_each_purpose(sandbox: Sandbox) -> None:
    sandbox.bootstrap(ACCOUNTS, "meridian")
    kms = Door(sandbox.endpoint).client("kms", ACCOUNTS["dev"])
    keys = [kms.describe_key(KeyId=f"alias/meridian-{name}")["KeyMetadata"] for name in ("release", "approval")]
    sandbox.bootstrap(ACCOUNTS, "meridian")
    again = [kms.describe_key(KeyId=f"alias/meridian-{name}")["KeyMetadata"] for name in ("release", "approval")]
    assert [key["KeyId"] for key in keys] == [key["KeyId"] for key in again]
    assert len({key["KeyId"] for key in keys}) == 2
    assert {key["KeyUsage"] for key in keys} == {"SIGN_VERIFY"}


def test_the_deploy_role_can_be_assumed_from_the_management_account(sandbox: Sandbox) -> None:
    sandbox.bootstrap(ACCOUNTS, "meridian")
    identity = Door(sandbox.endpoint).client("sts", ACCOUNTS["prod"], "sluice-deploy").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNTS['prod']}:assumed-role/sluice-deploy/sluice-sandbox"


def test_a_role_below_a_path_keeps_its_name(sandbox: Sandbox) -> None:
    door = Door(sandbox.endpoint)
    iam = door.client("iam", ACCOUNTS["dev"])
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    iam.create_role(RoleName="job-conform", Path="/tenant/annuity/", AssumeRolePolicyDocument=trust)
    identity = door.client("sts", ACCOUNTS["dev"], "tenant/annuity/job-conform").get_caller_identity()
    assert identity["Arn"].endswith(":assumed-role/job-conform/sluice-sandbox")
