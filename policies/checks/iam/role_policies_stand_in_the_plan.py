"""What a role may do stands in the plan, where it is judged."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import PlanRule, Resource, left_to_aws, own_policies
from policies.data.iam_facts import facts
from policies.plan import Plan


class RolePoliciesStandInThePlan(PlanRule):
    """Requirement: a role has no inline and no attached policy but those that are resources of the same plan, so that
    none goes unjudged: neither a block inside the role nor one that somebody added by hand.

    Compliant example: aws_iam_role_policy "data" for the role
    Non-compliant example: aws_iam_role with inline_policy, or with managed_policy_arns of a policy made elsewhere
    Unknown is treated as: passed where Terraform leaves the list to AWS, which mirrors the resources after the apply;
    no verdict where the configuration makes it of something unknown.
    Source: FSBP IAM.1; 23 NYCRR 500.7."""

    control = "CSO_IAM_01"
    check_id = "CSO_IAM_01_ROLE"
    title = "What a role may do stands in the plan"
    types = ("aws_iam_role",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        inline = {policy.get("name") for policy in plan.referring(resource, "aws_iam_role_policy", "role")}
        for block in [] if left_to_aws(resource, "inline_policy") else resource.blocks("inline_policy"):
            if (block.get("name") or block.get("policy")) and block.get("name") not in inline:
                yield f"inline_policy {block.get('name')!r} is no aws_iam_role_policy of this plan"
        attached = [] if left_to_aws(resource, "managed_policy_arns") else resource.strings("managed_policy_arns")
        for arn in attached:
            if arn not in plan.once(own_policies) and arn not in facts().managed_policies | facts().read_only_policies:
                yield f"managed_policy_arns holds {arn!r}, whose text is not in this plan"


check = RolePoliciesStandInThePlan()
