"""A tenant's permissions boundary reaches what is the tenant's, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import (
    NotApplicable,
    PlanRule,
    Resource,
    boundaries,
    identity_policy,
    overlap,
    tenant_patterns,
    tests,
    within,
)
from policies.plan import Plan

ALIASES = ("kms:resourcealiases", ("foranyvalue:stringequals", "foranyvalue:stringlike"))


class BoundariesConfineToTheirTenant(PlanRule):
    """Requirement: each Allow of a tenant's boundary lies within the tenant's own buckets, secrets, parameters, roles,
    catalogue and code, and within keys named by the tenant's or the platform's alias. It fits no tenant whose name
    begins with this one's: `…-annuity-*` would fit annuity-eu. What AWS offers on `*` alone is CSO_IAM_01's.

    Compliant example: {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::meridian-prod-annuity-raw/*"}
    Non-compliant example: {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::meridian-prod-*"}
    Unknown is treated as: no verdict.
    Source: 23 NYCRR 500.7; SOC 2 CC6.3."""

    control = "CSO_IAM_02"
    check_id = "CSO_IAM_02_CONFINES"
    title = "A tenant's boundary reaches what is the tenant's"
    types = ("aws_iam_policy",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        context = resource.context
        if context.is_platform or resource.address not in plan.once(boundaries):
            raise NotApplicable("no tenant's permissions boundary")
        own, longer = tenant_patterns(context), f"arn:aws:s3:::{context.name}-another-*"
        for statement in identity_policy(resource).allows:
            key, holds_where_one_is = ALIASES
            pinned = [test[2] for test in tests(statement) if test[1] == key and test[0] in holds_where_one_is]
            named = [value for values in pinned for value in values]
            keys = [pattern for pattern in statement.resources if pattern.startswith("arn:aws:kms:") and named]
            for pattern in (*statement.resources, *named):
                if pattern == "*" or pattern in keys:
                    continue
                if not within(pattern, own) or overlap(pattern, longer):
                    yield f"{statement.label}: {pattern!r} is more than the tenant's"


check = BoundariesConfineToTheirTenant()
