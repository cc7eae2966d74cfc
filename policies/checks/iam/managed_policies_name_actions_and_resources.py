"""Managed policies grant as narrowly as inline ones; a permissions boundary limits instead of naming everything."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import NotApplicable, PlanRule, Resource, boundaries, deploys_only, identity_policy, too_wide
from policies.plan import Plan


class ManagedPoliciesNameActionsAndResources(PlanRule):
    """Requirement: a managed policy allows named actions on named resources. One that serves only as a permissions
    boundary grants nothing: it may name whole services, but never every action, nor everything of a data service. What
    serves only the role that deploys, which makes all of it, is left to CSO_IAM_06_FENCE.

    Compliant example: boundary {"Action": "s3:*", "Resource": "arn:aws:s3:::meridian-prod-annuity-*"}
    Non-compliant example: boundary {"Action": "*", "Resource": "*"}
    Unknown is treated as: no verdict.
    Source: FSBP KMS.1, IAM.1, IAM.21; 23 NYCRR 500.7."""

    control = "CSO_IAM_01"
    check_id = "CSO_IAM_01_MANAGED"
    title = "Managed policies grant named actions on named resources"
    types = ("aws_iam_policy",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        statements = identity_policy(resource).allows
        if deploys_only(resource, plan):
            raise NotApplicable("serves the role that deploys, which CSO_IAM_06_FENCE judges")
        narrow = [problem for statement in statements for problem in too_wide(statement)]
        if narrow:  # only then does it matter what the policy is for
            is_limit = resource.address in plan.once(boundaries)
            for statement in statements:
                yield from too_wide(statement, is_limit)


check = ManagedPoliciesNameActionsAndResources()
