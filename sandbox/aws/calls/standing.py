"""The policies that stand in the local cloud: of roles and their boundaries, of buckets, keys, secrets, queues, topics.

Values only, as JSON; whoever judges them does so elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from moto.ec2.models import ec2_backends
from moto.emr.models import emr_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from sandbox.aws.accounts import REGION

PARTITION = "aws"


def to_json() -> dict[str, Any]:
    """Return `{"roles": {ARN: …}, "resources": {ARN: …}, "endpoints": {account: {service: id of its VPC endpoint}}}`.

    A role has `policies` and `boundary`, each `{name: document}`, `trust`, `tags`, `id`; a resource has `account`,
    and where it has them `policy`, `tags`, `aliases`.
    """
    accounts = sorted(iam_backends)
    roles = {role["arn"]: role for account in accounts for role in _roles(account)}
    resources = {arn: found for account in accounts for arn, found in _resources(account)}
    return {"roles": roles, "resources": resources, "endpoints": {account: _endpoints(account) for account in accounts}}


def _endpoints(account: str) -> dict[str, str]:
    found = list(ec2_backends[account][REGION].vpc_end_points.values())
    return {endpoint.service_name.rpartition(".")[2]: endpoint.id for endpoint in found if endpoint.state != "deleted"}


def _roles(account: str) -> Iterator[dict[str, Any]]:
    backend = iam_backends[account][PARTITION]
    for role in list(backend.roles.values()):
        limit = role.permissions_boundary_arn
        yield {
            "arn": role.arn,
            "id": role.id,
            "policies": {
                **{name: _decoded(text) for name, text in role.policies.items()},
                **{policy.name: _managed(policy) for policy in role.managed_policies.values()},
            },
            "boundary": {limit: _managed(backend.managed_policies[limit])} if limit else None,
            "trust": _decoded(role.assume_role_policy_document),
            "tags": _pairs(role.tags),
        }


def _managed(policy: Any) -> Any:
    return _decoded(next(each.document for each in policy.versions if each.version_id == policy.default_version_id))


def _decoded(document: Any) -> Any:
    return json.loads(document) if isinstance(document, str | bytes) else document


def _pairs(tags: Any) -> dict[str, str]:
    if isinstance(tags, dict):
        return {str(key): item["Value"] if isinstance(item, dict) else str(item) for key, item in tags.items()}
    return {tag["Key"]: tag["Value"] for tag in tags or []}


def _resources(account: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for bucket in list(s3_backends[account][PARTITION].buckets.values()):
        policy = _decoded(bucket.policy) if bucket.policy else None
        yield f"arn:aws:s3:::{bucket.name}", {"account": account, "policy": policy}
    for key in list(kms_backends[account][REGION].keys.values()):
        yield key.arn, {"account": account, "policy": _decoded(key.policy), "aliases": sorted(key.aliases)}
    for secret in list(dict.values(secretsmanager_backends[account][REGION].secrets)):
        policy = getattr(secret, "policy", None)
        yield secret.arn, {"account": account, "policy": _decoded(policy) if policy else None}
    for queue in list(sqs_backends[account][REGION].queues.values()):
        yield queue.queue_arn, {"account": account, "policy": queue.policy or None}
    for topic in list(sns_backends[account][REGION].topics.values()):
        yield topic.arn, {"account": account, "policy": _decoded(topic.policy)}
    for cluster in list(emr_backends[account][REGION].clusters.values()):
        yield cluster.arn, {"account": account, "tags": _pairs(cluster.tags)}
