"""Whether a cluster may act as the roles that a COPY or UNLOAD names.

Knows IAM's roles and the cluster's; it must not know SQL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from moto.iam.models import iam_backends

from sandbox.aws.role_permissions import may

ROLE_ARN = re.compile(r"arn:(?P<partition>aws[\w-]*):iam::(?P<account>\d{12}):role/(?:.*/)?(?P<name>[^/]+)")


class AccessError(Exception):
    """A role is missing, not attached, or does not trust the one before it in the chain."""


def assume_role_chain(cluster: Any, role_arns: Sequence[str]) -> Any:
    """Return the role at the end of a chain that a cluster may assume, as Redshift does before it touches S3.

    The first role must be attached to the cluster; each further one must trust the one before it.

    Raises:
        AccessError: naming the role that is refused, and why.

    Source: Redshift Management Guide, "Chaining IAM roles in Amazon Redshift".
    """
    first = role_arns[0]
    if first not in cluster.iam_roles_arn:
        attached = ", ".join(cluster.iam_roles_arn) or "none"
        raise AccessError(
            f"The requested role {first} is not associated to cluster"
            f" {cluster.cluster_identifier}; attached: {attached}"
        )
    roles = [_role(arn) for arn in role_arns]
    for previous, arn, role in zip(role_arns, role_arns[1:], roles[1:], strict=False):
        if not _trusts(role, previous):
            raise AccessError(
                f"Not authorized to assume role: {previous} may not assume {arn}, which does not trust it"
            )
    return roles[-1]


def check_object(role: Any, action: str, bucket: str, key: str) -> None:
    """Raise AccessError unless a role's policies let it act on an object, in the words of S3."""
    if not may(role, action, f"arn:{role.partition}:s3:::{bucket}/{key}"):
        raise AccessError(
            f"S3ServiceException:Access Denied,Status 403,Error AccessDenied,Key {key}; {role.arn} may not {action}"
        )


def _role(arn: str) -> Any:
    match = ROLE_ARN.fullmatch(arn)
    if match is None:
        raise AccessError(f"Invalid IAM role {arn!r}; expected arn:aws:iam::<account>:role/<name>")
    roles = iam_backends[match["account"]][match["partition"]].roles.values()
    for role in roles:
        if role.arn == arn:
            return role
    raise AccessError(f"Not authorized to assume role {arn}: it does not exist")


def _trusts(role: Any, principal_arn: str) -> bool:
    document = role.assume_role_policy_document
    statements = (json.loads(document) if isinstance(document, str) else document).get("Statement", [])
    account_root = f"arn:aws:iam::{principal_arn.split(':')[4]}:root"
    accepted = {"*", principal_arn, account_root, principal_arn.split(":")[4]}
    return any(
        statement.get("Effect") == "Allow" and accepted & set(_principals(statement))
        for statement in ([statements] if isinstance(statements, dict) else statements)
    )


def _principals(statement: dict[str, Any]) -> Iterable[str]:
    principal = statement.get("Principal") or {}
    named = principal.get("AWS", []) if isinstance(principal, dict) else []
    return [named] if isinstance(named, str) else named
