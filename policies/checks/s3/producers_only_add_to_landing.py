"""A source system adds files below its own prefix of landing; it reads nothing and deletes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, callers, covers_nothing_outside, producers_of

ADD = {"s3:putobject"}


class ProducersOnlyAddToLanding(PlanRule):
    """Requirement: what a bucket policy allows a producer is s3:PutObject below landing's prefix of its own sources.

    Replacing its own file makes a new version; Object Lock keeps the one before (CSO_S3_04_LOCK).
    Unknown is treated as: no verdict.
    Source: NAIC 668 4(D)(2)(a); SOC 2 CC6.3.
    """

    control = "CSO_S3_10"
    check_id = "CSO_S3_10"
    title = "Producers may only add files to their own prefix of landing"
    types = ("aws_s3_bucket_policy",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        if resource.get("policy") is None:
            yield "the policy is not said"
        producers = producers_of(plan)
        landing = f"arn:aws:s3:::{plan.context.name}-landing/"
        for statement in resource.policy("policy").allows:
            for role in sorted(set(callers(statement)) & set(producers.values())):
                if set(statement.actions) != ADD:
                    yield f"{statement.label} gives the producer {role!r} {statement.actions or 'all but some actions'}"
                own = [f"{landing}{source}/" for source, arn in producers.items() if arn == role]
                if not covers_nothing_outside(statement, own):
                    yield f"{statement.label} lets {role!r} write {', '.join(statement.resources)}, not only {own}"


check = ProducersOnlyAddToLanding()
