"""No bucket policy and no ACL can open a bucket to the public."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, companion

SETTINGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


class BucketsBlockPublicAccess(PlanRule):
    """Requirement: every bucket has a public access block of its own with all four settings on.

    The account's block (CSO_S3_01_ACCOUNT) would do, but whoever switches it off for one bucket opens all of them.
    Unknown is treated as: no verdict.
    Source: FSBP S3.8; CIS AWS 3.1.4.
    """

    control = "CSO_S3_01"
    check_id = "CSO_S3_01"
    title = "Every bucket blocks public access by all four settings"
    types = ("aws_s3_bucket",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        block = companion(resource, plan, "aws_s3_bucket_public_access_block")
        if block is None:
            yield "the bucket has no aws_s3_bucket_public_access_block"
            return
        for setting in SETTINGS:
            if block.get(setting) is not True:
                yield f"{block.address}: {setting} is {block.get(setting)!r}"


check = BucketsBlockPublicAccess()
