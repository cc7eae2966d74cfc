"""Whatever is overwritten or deleted in a bucket can be had back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, companion


class BucketsKeepVersions(PlanRule):
    """Requirement: versioning is on.

    Unknown is treated as: no verdict.
    Source: FSBP S3.14; NYDFS 500.6.
    """

    control = "CSO_S3_04"
    check_id = "CSO_S3_04"
    title = "Every bucket keeps versions"
    types = ("aws_s3_bucket",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        settings = companion(resource, plan, "aws_s3_bucket_versioning")
        if settings is None:
            yield "the bucket has no aws_s3_bucket_versioning"
            return
        status = settings.get("versioning_configuration.status")
        if status != "Enabled":
            yield f"{settings.address}: versioning is {status!r}"


check = BucketsKeepVersions()
