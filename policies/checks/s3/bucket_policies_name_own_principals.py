"""A bucket's policy lets in nobody of another tenant, and no stranger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, callers, is_of, outside_services, producers_of

PLATFORM = "platform"


class BucketPoliciesNameOwnPrincipals(PlanRule):
    """Requirement: an Allow names only roles of the bucket's own stack or of the platform, or the spec's producers.

    Principals are judged by what they may match: a pattern that also fits another tenant's roles, a whole account and
    everyone fail, unless a condition pins aws:PrincipalArn. An AWS service must be tied to this account by
    aws:SourceAccount or aws:SourceArn. An approved share between tenants is a waiver.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.7; SOC 2 CC6.1.
    """

    control = "CSO_S3_09"
    check_id = "CSO_S3_09"
    title = "Bucket policies let in no principal of another tenant"
    types = ("aws_s3_bucket_policy", "aws_s3_access_point", "aws_s3control_access_point_policy")

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        if resource.type == "aws_s3_bucket_policy" and resource.get("policy") is None:
            yield "the policy is not said"
        context = plan.context
        stacks, producers = {context.stack, PLATFORM}, producers_of(plan).values()
        for statement in resource.policy("policy").allows:
            strangers = statement.principals.keys() - {"AWS", "Service", "*"}
            for kind in sorted(strangers):
                yield f"{statement.label} lets in {kind} principals"
            for caller in callers(statement):
                if caller not in producers and not is_of(caller, stacks, context):
                    yield f"{statement.label} lets in {caller!r}"
            for service in outside_services(statement, context):
                yield f"{statement.label} lets in {service!r} on any account's behalf"


check = BucketPoliciesNameOwnPrincipals()
