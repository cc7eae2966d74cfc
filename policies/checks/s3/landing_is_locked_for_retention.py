"""What source systems landed cannot be altered or deleted while it must be kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import NotApplicable, PlanRule, Resource, companion, zone


class LandingIsLockedForRetention(PlanRule):
    """Requirement: production's landing has Object Lock, by default for at least the days that data is kept.

    Governance mode is enough: it takes a permission of its own to get around, which compliance mode gives to nobody.
    Unknown is treated as: no verdict.
    Source: FSBP S3.15; NYDFS 500.6; NAIC 668 4(D)(2)(j).
    """

    control = "CSO_S3_04"
    check_id = "CSO_S3_04_LOCK"
    title = "Production's landing is locked for the retention"
    types = ("aws_s3_bucket",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        if not plan.context.is_production:
            raise NotApplicable("holds no production data")
        if zone(resource) != "landing":
            raise NotApplicable("is not a landing bucket")
        if resource.get("object_lock_enabled") is not True:
            yield f"object_lock_enabled is {resource.get('object_lock_enabled')!r}"
        lock = companion(resource, plan, "aws_s3_bucket_object_lock_configuration")
        if lock is None:
            yield "the bucket has no aws_s3_bucket_object_lock_configuration"
            return
        default = lock.block("rule").block("default_retention")
        days = (default.get("days") or 0) + 365 * (default.get("years") or 0)
        retention = plan.variables.get("retention_days")
        if default.get("mode") not in ("GOVERNANCE", "COMPLIANCE"):
            yield f"{lock.address}: mode is {default.get('mode')!r}"
        if not isinstance(retention, int) or isinstance(retention, bool):
            yield "the stack's variable retention_days says no number of days"
        elif days < retention:
            yield f"{lock.address}: objects are locked for {days} days, kept for {retention}"


check = LandingIsLockedForRetention()
