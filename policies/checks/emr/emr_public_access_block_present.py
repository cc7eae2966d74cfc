"""The platform declares EMR's block of public access."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import NotApplicable, PlanRule, Resource
from policies.plan import Plan


class EmrPublicAccessBlockPresent(PlanRule):
    """Requirement: a platform stack holds the account's block of public access, because AWS leaves port 22 open
    in its own.
    Unknown is treated as: does not occur: a resource is planned or not.
    Source: FSBP EMR.2.
    """

    control = "CSO_EMR_02"
    check_id = "CSO_EMR_02_PRESENT"
    title = "The platform declares EMR's block of public access"
    types = ("aws_emr_block_public_access_configuration",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        del resource, plan
        yield from ()

    def judge_plan(self, plan: Plan) -> Iterator[str]:
        if not plan.context.is_platform:
            raise NotApplicable("the block is one for the account; the platform stack declares it")
        if not plan.of_type("aws_emr_block_public_access_configuration"):
            yield "the platform has no aws_emr_block_public_access_configuration"


check = EmrPublicAccessBlockPresent()
