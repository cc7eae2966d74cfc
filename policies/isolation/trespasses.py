"""What a tenant's stack does when it is applied, where that can touch what is another's.

Terraform acts as the deploy role, which may everything: no policy of the tenant stands between its stack and another's
bucket. So what its resources name is compared with whose it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from policies.check import Resource
from policies.errors import Undecided
from policies.isolation.model import Problem
from policies.isolation.reading import is_of_stack, problem, roles_named, text
from policies.plan import Plan

Trespass = tuple[Resource, str, str, str]
"""(resource, kind of what it touches, action, ARN)."""

SETTINGS = {
    "aws_s3_bucket_lifecycle_configuration": ("bucket", "bucket", "s3:PutLifecycleConfiguration"),
    "aws_s3_bucket_logging": ("bucket", "bucket", "s3:PutBucketLogging"),
    "aws_s3_bucket_notification": ("bucket", "bucket", "s3:PutBucketNotification"),
    "aws_s3_bucket_object_lock_configuration": ("bucket", "bucket", "s3:PutBucketObjectLockConfiguration"),
    "aws_s3_bucket_ownership_controls": ("bucket", "bucket", "s3:PutBucketOwnershipControls"),
    "aws_s3_bucket_public_access_block": ("bucket", "bucket", "s3:PutBucketPublicAccessBlock"),
    "aws_s3_bucket_replication_configuration": ("bucket", "bucket", "s3:PutReplicationConfiguration"),
    "aws_s3_bucket_server_side_encryption_configuration": ("bucket", "bucket", "s3:PutEncryptionConfiguration"),
    "aws_s3_bucket_versioning": ("bucket", "bucket", "s3:PutBucketVersioning"),
    "aws_kms_alias": ("target_key_id", "key", "kms:CreateAlias"),
    "aws_secretsmanager_secret_rotation": ("secret_id", "secret", "secretsmanager:RotateSecret"),
    "aws_secretsmanager_secret_version": ("secret_id", "secret", "secretsmanager:PutSecretValue"),
    "aws_sns_topic_subscription": ("topic_arn", "topic", "sns:Subscribe"),
}
"""`{type: (attribute that names what is set, its kind, action)}`."""

ROLES = {
    "aws_cloudwatch_event_target": ("role_arn", "iam:PassRole"),
    "aws_emr_cluster": ("service_role", "iam:PassRole"),
    "aws_glue_job": ("role_arn", "iam:PassRole"),
    "aws_iam_instance_profile": ("role", "iam:PassRole"),
    "aws_iam_policy_attachment": ("roles", "iam:AttachRolePolicy"),
    "aws_iam_role_policy": ("role", "iam:PutRolePolicy"),
    "aws_iam_role_policy_attachment": ("role", "iam:AttachRolePolicy"),
    "aws_lambda_function": ("role", "iam:PassRole"),
    "aws_s3_bucket_replication_configuration": ("role", "iam:PassRole"),
}
"""`{type: (attribute, action)}` of what changes the role that is named there, or does its stack's bidding as it."""

PROFILES = {"aws_emr_cluster": "ec2_attributes.instance_profile"}
"""`{type: attribute}` of machines that run a stack's code with the instance profile that is named there."""


def trespasses(plan: Plan) -> Iterator[Trespass | Problem]:
    """Yield what a stack's resources write, or set on what may be another's; a problem where that cannot be told."""
    for item in plan.resources.values():
        try:
            yield from ((item, *touched) for touched in _touched(plan, item))
        except Undecided as reason:
            yield problem(plan.context.stack, item, reason)


def touched_roles(plan: Plan, profiles: Mapping[str, Sequence[str]]) -> Iterator[tuple[Resource, str, str] | Problem]:
    """Yield (resource, action, name of a role) for each role that a stack changes, or hands to something of its own.

    Args:
        profiles: `{instance profile: names of its roles}` of all stacks.
    """
    for item in plan.of_type(*ROLES):
        attribute, action = ROLES[item.type]
        try:
            yield from ((item, action, name) for name in roles_named(plan, item, attribute) if name)
            if item.type in PROFILES and not is_of_stack(plan, item, PROFILES[item.type]):
                profile = text(item, PROFILES[item.type]).rsplit("/", 1)[-1]
                held = profiles.get(profile, [f"in the instance profile {profile!r}"])
                yield from ((item, action, name) for name in held)
        except Undecided as reason:
            yield problem(plan.context.stack, item, reason)


def profiles_of(plan: Plan) -> dict[str, list[str]]:
    """Return `{instance profile: names of its roles}`, without those that cannot be told."""
    found = {}
    for item in plan.of_type("aws_iam_instance_profile"):
        with suppress(Undecided):  # who names it is told that its role is in no plan
            found[text(item, "name")] = roles_named(plan, item, "role")
    return found


def _touched(plan: Plan, item: Resource) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, action, ARN) of what a resource writes, or sets on what may be another's."""
    context = plan.context
    here = f"{context.region}:{context.account_id}"
    if item.type in ("aws_s3_object", "aws_s3_bucket_object"):
        yield "object", "s3:PutObject", f"arn:aws:s3:::{text(item, 'bucket')}/{text(item, 'key')}"
    elif item.type == "aws_ssm_parameter":
        name = text(item, "name").removeprefix("/")
        yield "parameter", "ssm:PutParameter", f"arn:aws:ssm:{here}:parameter/{name}"
    elif item.type == "aws_glue_catalog_table":
        table = f"table/{text(item, 'database_name')}/{text(item, 'name')}"
        yield "table", "glue:CreateTable", f"arn:aws:glue:{here}:{table}"
    elif item.type == "aws_emr_security_configuration":
        for key in _keys_of_clusters(item):
            yield "key-alias" if ":alias/" in key else "key", "kms:CreateGrant", _arn("key", key, here)
    elif item.type in SETTINGS:
        attribute, kind, action = SETTINGS[item.type]
        if not is_of_stack(plan, item, attribute):
            yield kind, action, _arn(kind, text(item, attribute), here)


def _arn(kind: str, name: str, here: str) -> str:
    """Return the ARN of what a resource names by its ARN, its name or its id."""
    if name.startswith("arn:"):
        return name
    forms = {
        "bucket": f"arn:aws:s3:::{name}",
        "key": f"arn:aws:kms:{here}:key/{name}",
        "secret": f"arn:aws:secretsmanager:{here}:secret:{name}-??????",
        "topic": f"arn:aws:sns:{here}:{name}",
    }
    return forms[kind]


def _keys_of_clusters(configuration: Resource) -> Iterable[str]:
    """Yield the keys under which EMR puts the disks and objects of the clusters that use a security configuration."""
    at_rest = configuration.document("configuration").block("EncryptionConfiguration.AtRestEncryptionConfiguration")
    s3 = at_rest.block("S3EncryptionConfiguration")
    for part in (s3, *s3.blocks("Overrides"), at_rest.block("LocalDiskEncryptionConfiguration")):
        if part.get("AwsKmsKey"):
            yield str(part.get("AwsKmsKey"))
