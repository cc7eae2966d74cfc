"""Ownership controls switch a bucket's ACLs off."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck


class OwnershipControlsEndAcls(ResourceCheck):
    """Requirement: the object ownership that a bucket's controls say is BucketOwnerEnforced.

    What the rule CSO_S3_05 asks of a bucket among its plan, asked of the setting itself, as Checkov's command can do.
    Unknown is treated as: no verdict.
    Source: FSBP S3.12.
    """

    control = "CSO_S3_05"
    check_id = "CSO_S3_05_OWNERSHIP"
    title = "Ownership controls switch ACLs off"
    types = ("aws_s3_bucket_ownership_controls",)

    def judge(self, resource: Resource) -> Iterator[str]:
        ownership = resource.get("rule.object_ownership")
        if ownership != "BucketOwnerEnforced":
            yield f"object_ownership is {ownership!r}"


check = OwnershipControlsEndAcls()
