"""Data is disposed of on the day that its retention ends, and no copy of it stays behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import Block, PlanRule, Resource, bucket_name, companion, log_target, whole_bucket, zone

MOST_NONCURRENT_DAYS = 90
MOST_UPLOAD_DAYS = 7


class BucketsExpireData(PlanRule):
    """Requirement: each bucket's lifecycle covers all of it; data expires with the spec's retention.

    Landing and curated expire exactly then. Raw, which can be made again from landing, and any other bucket of a
    tenant may expire earlier and never later. The log bucket keeps logs for at least log_retention_days. Versions that
    were replaced or deleted go within 90 days, broken uploads within 7: they are the same data.
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
        rules = [rule for rule in lifecycle.blocks("rule") if whole_bucket(rule)]
        noncurrent = _days(rules, "noncurrent_version_expiration", "noncurrent_days")
        if not 0 < noncurrent <= MOST_NONCURRENT_DAYS or _keeps_some_versions(rules):
            yield f"replaced versions of all objects are kept for {noncurrent or 'ever'} days, 90 at most"
        uploads = _days(rules, "abort_incomplete_multipart_upload", "days_after_initiation")
        if not 0 < uploads <= MOST_UPLOAD_DAYS:
            yield f"broken uploads are kept for {uploads or 'ever'} days, 7 at most"
        yield from _expiry(resource, _days(rules, "expiration", "days"), plan)


def _expiry(bucket: Resource, days: int, plan: Any) -> Iterator[str]:
    is_log = bucket_name(bucket) == log_target(plan.context)
    if plan.context.is_platform and not is_log:
        return  # code, not data: it is kept while it is current
    variable = "log_retention_days" if is_log else "retention_days"
    wanted = plan.variables.get(variable)
    if not isinstance(wanted, int) or isinstance(wanted, bool):
        yield f"the stack's variable {variable} says no number of days"
    elif not days:
        yield "no rule expires all objects"
    elif is_log and days < wanted:
        yield f"logs expire after {days} days, to be kept for {wanted}"
    elif not is_log and (days > wanted or (zone(bucket) in ("landing", "curated") and days != wanted)):
        yield f"objects expire after {days} days, the retention is {wanted}"


def _days(rules: list[Block], block: str, attribute: str) -> int:
    """Return the shortest time that a rule says; 0 when none says any."""
    said = [rule.block(block).get(attribute) or 0 for rule in rules]
    return min((days for days in said if days), default=0)


def _keeps_some_versions(rules: list[Block]) -> bool:
    return any(rule.block("noncurrent_version_expiration").get("newer_noncurrent_versions") for rule in rules)


check = BucketsExpireData()
