"""People who sign on in production read: their permission sets allow no change."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import NotApplicable, Resource, ResourceCheck, identity_policy, writing_actions
from policies.data.iam_facts import facts


class PeopleOnlyReadInProduction(ResourceCheck):
    """Requirement: in production a permission set allows only reading actions, none that hands out credentials, and of
    AWS's policies only those that read no data. Identity Center passes no aws:MultiFactorAuthPresent to a session, so a
    condition cannot ask for a second factor there: break-glass is a role of its own (CSO_IAM_08_BREAK_GLASS).

    Compliant example: {"Action": ["cloudwatch:Get*", "elasticmapreduce:Describe*"], …}
    Non-compliant example: {"Action": ["elasticmapreduce:TerminateJobFlows"], …} or AdministratorAccess
    Unknown is treated as: no verdict.
    Source: 23 NYCRR 500.12; NAIC 668 4(D)(2)(g)."""

    control = "CSO_IAM_08"
    check_id = "CSO_IAM_08"
    title = "People's permission sets only read in production"
    types = (
        "aws_ssoadmin_permission_set_inline_policy",
        "aws_ssoadmin_managed_policy_attachment",
        "aws_ssoadmin_customer_managed_policy_attachment",
    )

    def judge(self, resource: Resource) -> Iterator[str]:
        if not resource.context.is_production:
            raise NotApplicable("the control is about production")
        if resource.type == "aws_ssoadmin_customer_managed_policy_attachment":
            yield "a customer managed policy, which may change apart from the permission set: write it inline"
            return
        if resource.type == "aws_ssoadmin_managed_policy_attachment":
            if resource.get("managed_policy_arn") not in facts().read_only_policies:
                yield f"managed_policy_arn is {resource.get('managed_policy_arn')!r}"
            return
        for statement in identity_policy(resource).allows:
            for action in writing_actions(statement):
                yield f"{statement.label}: allows people {action!r}"


check = PeopleOnlyReadInProduction()
