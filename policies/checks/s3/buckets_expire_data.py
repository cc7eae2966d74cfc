"""Data is disposed of on the day that its retention ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, bucket_name, companion, log_target, shortest_days, whole_bucket, zone


class BucketsExpireData(PlanRule):
    """Requirement: each bucket has a lifecycle; in a tenant's, all objects expire with the spec's retention.

    Landing and curated expire exactly then. Raw, which can be made again from landing, and any other bucket of a
    tenant may expire earlier and never later. The log bucket keeps logs for at least log_retention_days; the
    platform's other buckets hold code, which is kept while it is current.
    Unknown is treated as: no verdict.
    Source: FSBP S3.13; NYDFS 500.13; NAIC 668 4(D)(2)(k).
    """

    control = "CSO_S3_07"
    check_id = "CSO_S3_07"
    title = "Every bucket disposes of data when its retention ends"
    types = ("aws_s3_bucket",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        lifecycle = companion(resource, plan, "aws_s3_bucket_lifecycle_configuration")
        if lifecycle is None:
            yield "the bucket has no aws_s3_bucket_lifecycle_configuration"
            return
        is_log = bucket_name(resource) == log_target(plan.context)
        if plan.context.is_platform and not is_log:
            return
        rules = [rule for rule in lifecycle.blocks("rule") if whole_bucket(rule)]
        days = shortest_days([rule.block("expiration") for rule in rules], "days")
        variable = "log_retention_days" if is_log else "retention_days"
        wanted = plan.variables.get(variable)
        if not isinstance(wanted, int) or isinstance(wanted, bool):
            yield f"the stack's variable {variable} says no number of days"
        elif not days:
            yield "no rule expires all objects"
        elif is_log and days < wanted:
            yield f"logs expire after {days} days, to be kept for {wanted}"
        elif not is_log and (days > wanted or (zone(resource) in ("landing", "curated") and days != wanted)):
            yield f"objects expire after {days} days, the retention is {wanted}"


check = BucketsExpireData()
