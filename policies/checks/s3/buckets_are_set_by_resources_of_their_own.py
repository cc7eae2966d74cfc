"""What a bucket is stands in resources of its own, where it is judged, and not a second time inside the bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource

INLINE = (
    "acl",
    "grant",
    "lifecycle_rule",
    "logging",
    "object_lock_configuration",
    "policy",
    "replication_configuration",
    "server_side_encryption_configuration",
    "versioning",
    "website",
)


class BucketsAreSetByResourcesOfTheirOwn(PlanRule):
    """Requirement: an aws_s3_bucket says no policy, ACL, encryption, versioning, logging or lifecycle inside itself.

    Of two that set the same, inside and beside, AWS keeps the one that was applied last. What the provider reports of
    a bucket without the code's saying so is no matter.
    Unknown is treated as: failed, for what is said is there, whatever its value.
    Source: AWS provider, "aws_s3_bucket", deprecated arguments; NYDFS 500.7.
    """

    control = "CSO_S3_09"
    check_id = "CSO_S3_09_APART"
    title = "A bucket's settings stand where they are judged"
    types = ("aws_s3_bucket",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        del plan
        for attribute in INLINE:
            if resource.says(attribute):
                yield f"{attribute} is said inside the bucket"


check = BucketsAreSetByResourcesOfTheirOwn()
