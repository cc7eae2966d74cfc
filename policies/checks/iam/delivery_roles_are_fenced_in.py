"""Whatever is attached to a role of the delivery, its boundary keeps it from what would make it an administrator."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import (
    NotApplicable,
    PlanRule,
    Resource,
    Statement,
    covers,
    covers_everything_below,
    differs,
    identity_policy,
    policy_named,
    tests,
)
from policies.plan import Plan

PREFIX = "sluice-"
SIGN = ("sluice-release", "sluice-approve")
CREATES = ("iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:AttachRolePolicy", "iam:PutRolePolicy")
LASTING = ("iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:DeleteRolePermissionsBoundary")
OWN = ("iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:DeleteRolePermissionsBoundary")
FORGES = ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention", "s3:PutObjectRetention")
TENANTS = ("sts:AssumeRole", "secretsmanager:GetSecretValue", "redshift:GetClusterCredentials")
BOUNDARY = "iam:PermissionsBoundary"


class DeliveryRolesAreFencedIn(PlanRule):
    """Requirement: roles named sluice-… are made by the account's bootstrap alone, and their boundary denies without
    exception: changing themselves or the boundary; identities that last; taking back the ledger; the tenants' roles and
    credentials. It denies making roles without a boundary of the environment, and signing to all but the two who sign.

    Compliant example: Deny iam:PutRolePolicy on role/sluice-*; Deny iam:CreateRole, ArnNotLike iam:PermissionsBoundary
    Non-compliant example: sluice-deploy with AdministratorAccess and no boundary
    Unknown is treated as: no verdict.
    Source: IAM User Guide, "Permissions boundaries", delegating; NAIC 668 4(D)(2)(e); SOC 2 CC8.1."""

    control = "CSO_IAM_06"
    check_id = "CSO_IAM_06_FENCE"
    title = "Roles of the delivery cannot make themselves more"
    types = ("aws_iam_role",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        if not str(resource.get("name") or "").startswith(PREFIX):
            raise NotApplicable("no role of the delivery")
        if not plan.context.is_bootstrap:
            yield "is a role of the delivery, and not made by the account's bootstrap"
        boundary = policy_named(resource, "permissions_boundary", plan)
        if boundary is None:
            yield "has no boundary that is made beside it"
            return
        denials = identity_policy(boundary).denies
        for actions, target in self._fences(plan):
            for action in actions:
                if not any(_denies(denial, action, target) for denial in denials):
                    yield f"{boundary.address} does not deny {action} on {target}"
        limit = f"arn:aws:iam::{plan.context.account_id}:policy/{_prefix(plan)}-*-boundary"
        for action in CREATES:
            if not any(_only_with(denial, action, BOUNDARY, limit) for denial in denials):
                yield f"{boundary.address} does not deny {action} to what has no boundary {limit}"
        signers = [f"arn:aws:iam::{plan.context.account_id}:role/{name}" for name in SIGN]
        if not any(_only_with(denial, "kms:Sign", "aws:PrincipalArn", *signers) for denial in denials):
            yield f"{boundary.address} does not deny kms:Sign to all but {', '.join(SIGN)}"

    @staticmethod
    def _fences(plan: Plan) -> Iterator[tuple[tuple[str, ...], str]]:
        account = f"arn:aws:iam::{plan.context.account_id}"
        yield OWN, f"{account}:role/{PREFIX}"
        yield ("iam:CreatePolicyVersion", "iam:DeletePolicy"), f"{account}:policy/{_prefix(plan)}-delivery-"
        yield LASTING, "*"
        yield TENANTS, "*"
        yield FORGES, f"arn:aws:s3:::{_prefix(plan)}-platform-ledger/"


def _prefix(plan: Plan) -> str:
    return f"{plan.context.organisation}-{plan.context.environment}"


def _denies(statement: Statement, action: str, target: str) -> bool:
    """Tell whether a Deny without a condition covers an action on everything that begins with `target`."""
    reach = covers(statement, "*") if target == "*" else covers_everything_below(statement, target)
    return not statement.conditions and statement.covers_action(action) and reach


def _only_with(statement: Statement, action: str, key: str, *values: str) -> bool:
    """Tell whether a Deny covers an action on everything wherever `key` is absent or is none of `values`."""
    found = list(tests(statement))
    narrows = len(found) == 1 and differs(found[0], key) and set(found[0][2]) <= set(values)
    is_strict = narrows and not found[0][0].endswith("ifexists")
    return is_strict and statement.covers_action(action) and "*" in statement.resources


check = DeliveryRolesAreFencedIn()
