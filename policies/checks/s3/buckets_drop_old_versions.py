"""What was replaced, deleted or half uploaded is disposed of soon: it is the same data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, companion, shortest_days, whole_bucket

MOST_NONCURRENT_DAYS = 90
MOST_UPLOAD_DAYS = 7


class BucketsDropOldVersions(PlanRule):
    """Requirement: for the whole bucket, old versions expire within 90 days and broken uploads within 7.

    A rule that keeps some number of newer versions keeps them for ever.
    Unknown is treated as: no verdict.
    Source: FSBP S3.13; NYDFS 500.13.
    """

    control = "CSO_S3_07"
    check_id = "CSO_S3_07_VERSIONS"
    title = "Every bucket drops old versions and broken uploads"
    types = ("aws_s3_bucket",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        lifecycle = companion(resource, plan, "aws_s3_bucket_lifecycle_configuration")
        if lifecycle is None:
            yield "the bucket has no aws_s3_bucket_lifecycle_configuration"
            return
        rules = [rule for rule in lifecycle.blocks("rule") if whole_bucket(rule)]
        old = [rule.block("noncurrent_version_expiration") for rule in rules]
        noncurrent = shortest_days(old, "noncurrent_days")
        if not 0 < noncurrent <= MOST_NONCURRENT_DAYS or any(block.get("newer_noncurrent_versions") for block in old):
            yield f"old versions of all objects expire after {noncurrent or 'no'} days, 90 at most"
        broken = [rule.block("abort_incomplete_multipart_upload") for rule in rules]
        uploads = shortest_days(broken, "days_after_initiation")
        if not 0 < uploads <= MOST_UPLOAD_DAYS:
            yield f"broken uploads expire after {uploads or 'no'} days, 7 at most"


check = BucketsDropOldVersions()
