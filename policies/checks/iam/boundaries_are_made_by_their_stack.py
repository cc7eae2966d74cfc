"""The boundary that a role names is made by the role's own stack, where it is judged."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import PlanRule, Resource, policy_named
from policies.plan import Plan


class BoundariesAreMadeByTheirStack(PlanRule):
    """Requirement: the permissions boundary of a role is a policy of the same plan: a name alone limits nothing, and a
    policy made elsewhere can change without this gate. AWS's own policies are too wide to limit anything.

    Compliant example: permissions_boundary names the aws_iam_policy "boundary" of the stack
    Non-compliant example: permissions_boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
    Unknown is treated as: no verdict, unless it is made of a policy of this plan.
    Source: 23 NYCRR 500.7; SOC 2 CC6.3."""

    control = "CSO_IAM_02"
    check_id = "CSO_IAM_02_MADE"
    title = "A role's permissions boundary is a policy of its own stack"
    types = ("aws_iam_role",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        if not policy_named(resource, "permissions_boundary", plan):
            boundary = resource.get("permissions_boundary")
            yield f"permissions_boundary {boundary!r} is no aws_iam_policy of this plan"


check = BoundariesAreMadeByTheirStack()
