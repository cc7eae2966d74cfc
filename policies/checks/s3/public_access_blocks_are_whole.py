"""A public access block has all four settings on."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck

SETTINGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


class PublicAccessBlocksAreWhole(ResourceCheck):
    """Requirement: each of the four settings of a block, a bucket's or the account's, is said and on.

    What the rule CSO_S3_01 asks of a bucket among its plan, asked of the setting itself, as Checkov's command can do.
    Unknown is treated as: no verdict.
    Source: FSBP S3.1, S3.8; CIS AWS 3.1.4.
    """

    control = "CSO_S3_01"
    check_id = "CSO_S3_01_BLOCK"
    title = "A public access block has all four settings on"
    types = ("aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block")

    def judge(self, resource: Resource) -> Iterator[str]:
        for setting in SETTINGS:
            if resource.get(setting) is not True:
                yield f"{setting} is {resource.get(setting)!r}"


check = PublicAccessBlocksAreWhole()
