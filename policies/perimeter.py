"""The data perimeter of a bucket: which Deny statements hold everyone outside it, whom they may excuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from policies import statements
from policies.context import PLATFORM
from policies.documents import PolicyDocument, Statement
from policies.errors import Undecided
from policies.principals import is_of

if TYPE_CHECKING:  # policies.check hands this module's functions on to the checks
    from policies.plan import Plan

OBJECT_ACTIONS = (
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
)
BUCKET_ACTIONS = ("s3:ListBucket", "s3:ListBucketVersions")
SERVICE_KEYS = ("aws:principalisawsservice", "aws:viaawsservice")
PLAN_ROLE = "sluice-plan"
IsInside = Callable[[tuple[str, ...]], bool]
"""Tells whether the values of a condition are the inside of a perimeter."""


def producers_of(plan: Plan) -> dict[str, str]:
    """Return the source systems' roles that the spec lets write to landing: {source: role ARN}.

    Raises:
        Undecided: the variable does not hold that.
    """
    found = plan.variables.get("producers") or {}
    if not isinstance(found, dict) or not all(isinstance(role, str) for role in found.values()):
        raise Undecided("the stack's variable producers is no mapping of sources to roles")
    return found


def _is_perimeter(
    statement: Statement, plan: Plan, key: str, is_inside: IsInside, excusable: frozenset[str | None]
) -> bool:
    """Tell whether a Deny binds all whose `key` is absent or not among values that `is_inside` accepts.

    Besides, it may excuse AWS services (only with IfExists: an anonymous request has no such key) and whoever is
    `excusable`; from listing alone also the role that plans. Any other condition narrows it: then it is no perimeter.
    """
    if statement.is_allow:
        return False
    found = list(statements.tests(statement))
    edges = [test for test in found if statements.differs(test, key)]
    if len(edges) != 1 or not is_inside(edges[0][2]):
        return False
    others = [test for test in found if test not in edges]
    if others and not any(statement.covers_action(action) for action in OBJECT_ACTIONS):
        excusable |= {f"arn:aws:iam::{plan.context.account_id}:role/{PLAN_ROLE}"}
    return all(_is_excuse(test, excusable) for test in others)


def left_open(policy: PolicyDocument, bucket_arn: str, plan: Plan, key: str, is_inside: IsInside) -> list[str]:
    """Return the actions on a bucket's data that its policy's perimeters of `key` leave to someone outside.

    Excusable are the role that deploys, the spec's producers, and the platform's roles with which AWS Backup reads what
    this plan has it keep.
    """
    excusable = frozenset(
        {*producers_of(plan).values(), plan.variables.get("deploy_role_arn"), *plan.once(_backup_roles)}
    )
    denials = [statement for statement in policy if _is_perimeter(statement, plan, key, is_inside, excusable)]
    wanted = {f"{bucket_arn}/": OBJECT_ACTIONS, bucket_arn: BUCKET_ACTIONS}
    return [
        action
        for resource, actions in wanted.items()
        for action in actions
        if not statements.denies_to_everyone(denials, [action], resource)
    ]


def _backup_roles(plan: Plan) -> frozenset[str]:
    """Return the platform's roles in the plan's backup selections: AWS Backup assumes them outside our network."""
    roles = {selection.get("iam_role_arn") for selection in plan.of_type("aws_backup_selection")}
    return frozenset(role for role in roles if isinstance(role, str) and is_of(role, {PLATFORM}, plan.context))


def _is_excuse(test: statements.Test, excusable: frozenset[str | None]) -> bool:
    operator, key, values = test
    if key in SERVICE_KEYS:
        return operator == "boolifexists" and values == ("false",)
    return statements.differs(test, "aws:PrincipalArn") and set(values) <= excusable
