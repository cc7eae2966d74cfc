"""All of a tenant is found, whether AWS's tag search knows it or not; nothing of another's, nothing that is gone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from delivery.tagged import Clients, tagged, type_of
from generator.model import EnvironmentSpec
from generator.names import Names

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})


def tags(tenant: str) -> list[dict[str, str]]:
    return [{"Key": "tenant", "Value": tenant}, {"Key": "env", "Value": "prod"}]


def make(clients: Clients, names: Names) -> dict[str, Any]:
    """Make one of each kind for a tenant."""
    own = tags(names.tenant)
    pairs = {tag["Key"]: tag["Value"] for tag in own}
    bucket = names.bucket("curated")
    clients("s3").create_bucket(Bucket=bucket)
    clients("s3").put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": own})
    key = clients("kms").create_key(Tags=[{"TagKey": k, "TagValue": v} for k, v in pairs.items()])["KeyMetadata"]
    clients("kms").create_alias(AliasName=names.kms_alias, TargetKeyId=key["KeyId"])
    clients("iam").create_role(
        RoleName=names.entity("job-conform"), Path=f"/tenant/{names.tenant}/", AssumeRolePolicyDocument=POLICY
    )
    clients("iam").create_role(RoleName=names.entity("by-hand"), AssumeRolePolicyDocument=POLICY, Tags=own)
    clients("iam").create_policy(PolicyName=names.entity("boundary"), PolicyDocument=POLICY, Tags=own)
    clients("glue").create_database(DatabaseInput={"Name": names.glue_database}, Tags=pairs)
    clients("ssm").put_parameter(Name=names.parameter("untagged"), Value="x", Type="String")
    clients("secretsmanager").create_secret(Name=f"{names.prefix}/source", SecretString="x", Tags=own)
    clients("logs").create_log_group(logGroupName=f"/{names.prefix}/jobs", tags=pairs)
    return {"bucket": bucket, "key": key["KeyId"]}


EVERY_KIND = [
    "glue:database",
    "iam:policy",
    "iam:role",
    "iam:role",
    "kms:alias",
    "kms:key",
    "logs:log-group",
    "s3:bucket",
    "s3:object",
    "secretsmanager:secret",
    "ssm:parameter",
]


def test_every_kind_is_found_and_only_the_tenant_s(clients: Clients, prod: EnvironmentSpec) -> None:
    names, other = Names(prod, "annuity"), Names(prod, "annuity-claims")
    airflow = names.platform.bucket("airflow")
    clients("s3").create_bucket(Bucket=airflow)
    clients("s3").put_object(Bucket=airflow, Key="dags/annuity/annuity_daily.py", Body=b"x")
    made = make(clients, names)
    make(clients, other)
    found = tagged(clients, names)
    assert sorted(item.type for item in found) == EVERY_KIND
    assert not [item for item in found if "claims" in item.arn]
    assert not any(item.ends_at for item in found)

    clients("kms").schedule_key_deletion(KeyId=made["key"], PendingWindowInDays=7)
    clients("secretsmanager").delete_secret(SecretId=f"{names.prefix}/source", RecoveryWindowInDays=30)
    clients("glue").delete_database(Name=names.glue_database)  # moto's tag search goes on showing it, as AWS's may
    after = tagged(clients, names)
    assert sorted(item.type for item in after if item.ends_at) == ["kms:key", "secretsmanager:secret"]
    assert "glue:database" not in {item.type for item in after}


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        ("arn:aws:s3:::bucket", "s3:bucket"),
        ("arn:aws:s3:::bucket/dags/x/", "s3:object"),
        ("arn:aws:iam::222222222222:role/tenant/x/y", "iam:role"),
        ("arn:aws:logs:us-east-1:222222222222:log-group:/x/y", "logs:log-group"),
        ("arn:aws:sns:us-east-1:222222222222:topic", "sns"),
        ("arn:aws:backup:us-east-1:222222222222:recovery-point:0a", "backup:recovery-point"),
    ],
)
def test_type_of(arn: str, kind: str) -> None:
    assert type_of(arn) == kind
