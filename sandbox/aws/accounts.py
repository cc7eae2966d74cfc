"""Accounts of the local cloud: entering one, and what its bootstrap would have made before Sluice first runs in it.

Any account exists as soon as it is entered; moto tells accounts apart by the credentials that sign a request.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

MANAGEMENT_ACCOUNT = "123456789012"
SOURCE_SYSTEMS_ACCOUNT = "333333333333"
BASE_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
"""Of the management account: moto takes unknown keys for those of its default account."""
REGION = "us-east-1"
ENTRY_ROLE = "OrganizationAccountAccessRole"
"""The role by which AWS Organizations lets the management account into its members."""
DEPLOY_ROLE = "sluice-deploy"
ROLES = {
    DEPLOY_ROLE: ("Sluice plans and applies as this role.", "AdministratorAccess"),
    "sluice-plan": ("Sluice plans as this role, and changes nothing.", "ReadOnlyAccess"),
    "sluice-release": ("Sluice signs and publishes releases as this role.", "AmazonS3FullAccess"),
    "sluice-approve": ("Jenkins seals approvals as this role.", "AWSKeyManagementServicePowerUser"),
}
"""{role of the bootstrap: what it is for, the managed policy that stands in for its own}. IAM decides little here."""
BUCKETS = ("tfstate", "ledger", "releases")
SIGNED = ("release", "approval")
"""What has a signing key of its own."""
SESSION_SECONDS = 12 * 3600

TRUST_MANAGEMENT = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT_ACCOUNT}:root"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@dataclass(frozen=True)
class AccountStack:
    """The CloudFormation stack that prepares an account, as the product would make it.

    Attributes:
        account_id: twelve digits.
        parameters, tags: `{name: value}`.
    """

    account_id: str
    name: str
    template: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Door:
    """The way into the accounts of one local cloud.

    Attributes:
        endpoint: base address of the local cloud.
    """

    endpoint: str

    def credentials(self, account_id: str, role_name: str = ENTRY_ROLE) -> dict[str, str]:
        """Return session credentials of a role, as environment variables.

        Args:
            account_id: twelve digits.
            role_name: name of the role with its path, for example `tenant/annuity/meridian-dev-annuity-job-conform`.
        """
        sts = boto3.client("sts", **self._connection(BASE_CREDENTIALS))
        session = sts.assume_role(
            RoleArn=f"arn:aws:iam::{account_id}:role/{role_name}",
            RoleSessionName="sluice-sandbox",
            DurationSeconds=SESSION_SECONDS,
        )["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
            "AWS_SESSION_TOKEN": session["SessionToken"],
        }

    def client(self, service: str, account_id: str, role_name: str = ENTRY_ROLE) -> Any:
        """Return a boto3 client of a service that acts in an account."""
        return boto3.client(service, **self._connection(self.credentials(account_id, role_name)))  # type: ignore[call-overload]

    def _connection(self, credentials: Mapping[str, str]) -> dict[str, Any]:
        return {
            "endpoint_url": self.endpoint,
            "region_name": REGION,
            "aws_access_key_id": credentials["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": credentials["AWS_SECRET_ACCESS_KEY"],
            "aws_session_token": credentials.get("AWS_SESSION_TOKEN"),
            "config": Config(retries={"max_attempts": 2}, s3={"addressing_style": "path"}),
        }


def bootstrap(door: Door, accounts: Mapping[str, str], organisation: str) -> None:
    """Make what an account's bootstrap makes: roles, the buckets of Sluice's own records, and the signing keys.

    Doing it again changes nothing.

    Args:
        door: the local cloud.
        accounts: {environment: account id}.
        organisation: first part of every name.
    """
    for environment, account_id in accounts.items():
        iam, s3, kms = (door.client(service, account_id) for service in ("iam", "s3", "kms"))
        for role, (description, policy) in ROLES.items():
            _role(iam, role, description, policy)
        for bucket in BUCKETS:
            _bucket(s3, f"{organisation}-{environment}-platform-{bucket}")
        for purpose in SIGNED:
            _signing_key(kms, f"alias/{organisation}-{purpose}")


def prepare(door: Door, stacks: Iterable[AccountStack], jenkins_role: str) -> None:
    """Make the stacks that prepare accounts, and in Jenkins' own account the roles that they trust.

    Doing it again changes nothing.

    Args:
        jenkins_role: beginning of the ARNs of Jenkins' roles.
    """
    for stack in stacks:
        cloudformation = door.client("cloudformation", stack.account_id)
        if stack.name in {found["StackName"] for found in cloudformation.list_stacks()["StackSummaries"]}:
            continue
        cloudformation.create_stack(
            StackName=stack.name,
            TemplateBody=stack.template,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in stack.parameters.items()],
            Tags=[{"Key": key, "Value": value} for key, value in stack.tags.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
            EnableTerminationProtection=True,
        )
    _jenkins_roles(door, jenkins_role)


def _jenkins_roles(door: Door, beginning: str) -> None:
    """Make what docs/howto/jenkins.md asks for; that a token lets a build in is not exercised here."""
    _, account_id, name = beginning.rsplit(":", 2)
    iam = door.client("iam", account_id)
    for stage in (role.removeprefix("sluice-") for role in ROLES):
        may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::*:role/sluice-{stage}"}
        role = f"{name.rpartition('/')[2]}-{stage}"
        try:
            iam.create_role(
                RoleName=role,
                AssumeRolePolicyDocument=json.dumps(TRUST_MANAGEMENT),
                Tags=[{"Key": "sluice-stage", "Value": stage}],
            )
        except iam.exceptions.EntityAlreadyExistsException:
            continue
        document = json.dumps({"Version": "2012-10-17", "Statement": [may]})
        iam.put_role_policy(RoleName=role, PolicyName="accounts", PolicyDocument=document)


def _role(iam: Any, name: str, description: str, policy: str) -> None:
    try:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST_MANAGEMENT), Description=description)
    except iam.exceptions.EntityAlreadyExistsException:
        return
    iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")


def _signing_key(kms: Any, alias: str) -> None:
    aliases = [found["AliasName"] for page in kms.get_paginator("list_aliases").paginate() for found in page["Aliases"]]
    if alias not in aliases:
        made = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256", Description=f"Signs for {alias}.")
        kms.create_alias(AliasName=alias, TargetKeyId=made["KeyMetadata"]["KeyId"])


def _bucket(s3: Any, name: str) -> None:
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
