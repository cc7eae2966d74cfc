"""A stack gives rights to roles that it makes itself."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import PlanRule, Resource, Undecided
from policies.plan import Plan

ATTRIBUTES = {
    "aws_iam_policy_attachment": "roles",
    "aws_iam_role_policy": "role",
    "aws_iam_role_policy_attachment": "role",
}


class PoliciesGoToRolesOfTheirStack(PlanRule):
    """Requirement: the role that a policy is written for, or attached to, is made by the same plan: what a role may do
    is judged where the role is, with its path, its boundary and its trust.

    Compliant example: aws_iam_role_policy with role = aws_iam_role.this.name
    Non-compliant example: aws_iam_role_policy with role = "sluice-plan" in a tenant's stack
    Unknown is treated as: no verdict, unless it is made of a role of this plan.
    Source: 23 NYCRR 500.7; SOC 2 CC6.3."""

    control = "CSO_IAM_01"
    check_id = "CSO_IAM_01_OWN"
    title = "Rights go to roles of the same stack"
    types = tuple(ATTRIBUTES)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        attribute = ATTRIBUTES[resource.type]
        if resource.is_unknown(attribute):
            made_of = {source.rpartition(".")[0] for source in resource.sources(attribute)}
            if not made_of or made_of - plan.once(_roles):
                raise Undecided(f"{attribute} is known only after the apply, and not made of a role of this plan")
            return
        named = resource.strings(attribute)
        if not named:
            yield f"{attribute} names nobody"
        for name in named:
            if name not in plan.once(_names):
                yield f"gives rights to {name!r}, which this plan does not make"


def _roles(plan: Plan) -> frozenset[str]:
    return frozenset(role.address for role in plan.of_type("aws_iam_role"))


def _names(plan: Plan) -> frozenset[str]:
    return frozenset(str(role.values.get("name")) for role in plan.of_type("aws_iam_role"))


check = PoliciesGoToRolesOfTheirStack()
