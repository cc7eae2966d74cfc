"""The role with which a pipeline plans changes nothing and gets no credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.check import NotApplicable, PlanRule, Resource, identity_policy, writing_actions
from policies.data.iam_facts import facts
from policies.plan import Plan

NAME = re.compile(r"(?:^|[-_])plan(?:[-_]|$)")


class PlanRolesOnlyRead(PlanRule):
    """Requirement: a role named as one that plans (`…-plan`) allows only Get, List, Describe and the like, no action
    that hands out credentials, no write but of Terraform's state lock (*.tflock), and no key but Glue's catalogue's.

    Compliant example: role sluice-plan with ["ec2:Describe*", "iam:Get*"]
    Non-compliant example: role sluice-plan with ["iam:CreateRole"], or with ReadOnlyAccess, which reads tenants' data
    Unknown is treated as: no verdict.
    Source: NAIC 668 4(D)(2)(e); SOC 2 CC8.1."""

    control = "CSO_IAM_06"
    check_id = "CSO_IAM_06_PLAN"
    title = "The role that plans only reads"
    types = ("aws_iam_role",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        if not NAME.search(str(resource.get("name") or "")):
            raise NotApplicable("the role is not named as one that plans")
        policies = plan.referring(resource, "aws_iam_role_policy", "role")
        attachments = plan.referring(resource, "aws_iam_role_policy_attachment", "role")
        if not policies and not attachments:
            yield "no policy of the plan says what it may do"
        for policy in policies:
            for statement in identity_policy(policy).allows:
                for action in writing_actions(statement):
                    yield f"{policy.address}: {statement.label} allows {action!r}"
        for attachment in attachments:
            if attachment.get("policy_arn") not in facts().read_only_policies:
                yield f"{attachment.address}: attaches {attachment.get('policy_arn')!r}"


check = PlanRolesOnlyRead()
