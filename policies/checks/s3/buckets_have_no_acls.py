"""Policies alone say who may use a bucket's objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, companion


class BucketsHaveNoAcls(PlanRule):
    """Requirement: object ownership is BucketOwnerEnforced, which switches ACLs off.

    Unknown is treated as: no verdict.
    Source: FSBP S3.12.
    """

    control = "CSO_S3_05"
    check_id = "CSO_S3_05"
    title = "Every bucket has its ACLs switched off"
    types = ("aws_s3_bucket",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        controls = companion(resource, plan, "aws_s3_bucket_ownership_controls")
        if controls is None:
            yield "the bucket has no aws_s3_bucket_ownership_controls"
            return
        ownership = controls.get("rule.object_ownership")
        if ownership != "BucketOwnerEnforced":
            yield f"{controls.address}: object_ownership is {ownership!r}"


check = BucketsHaveNoAcls()
