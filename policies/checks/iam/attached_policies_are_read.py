"""A role has only policies attached that the gate, or the CSO, has read."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import PlanRule, Resource, Undecided, policy_named
from policies.data.iam_facts import facts
from policies.plan import Plan


class AttachedPoliciesAreRead(PlanRule):
    """Requirement: an attached policy is made in the same plan, where it is judged, or is one of AWS's that the CSO has
    read (policies/data/iam_facts.yaml). AdministratorAccess, AmazonS3FullAccess and the like are not among them.

    Compliant example: policy_arn = aws_iam_policy.reader.arn
    Non-compliant example: policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    Unknown is treated as: no verdict, unless it is made of a policy of this plan.
    Source: FSBP IAM.1, IAM.2; 23 NYCRR 500.7."""

    control = "CSO_IAM_01"
    check_id = "CSO_IAM_01_ATTACHED"
    title = "Attached policies are judged in the plan or were read by the CSO"
    types = ("aws_iam_role_policy_attachment", "aws_iam_policy_attachment")

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        if policy_named(resource, "policy_arn", plan):
            return
        arn = resource.get("policy_arn")
        if arn is None:
            raise Undecided("policy_arn is not there")
        if arn not in facts().managed_policies | facts().read_only_policies:
            yield f"attaches {arn!r}, whose text is neither in this plan nor among the policies that the CSO has read"


check = AttachedPoliciesAreRead()
