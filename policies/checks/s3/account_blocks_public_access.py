"""The account blocks public access to every bucket in it, those included that nobody declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource

SETTINGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


class AccountBlocksPublicAccess(PlanRule):
    """Requirement: the platform sets the account's public access block with all four settings on.

    Unknown is treated as: no verdict.
    Source: FSBP S3.1; CIS AWS 3.1.4.
    """

    control = "CSO_S3_01"
    check_id = "CSO_S3_01_ACCOUNT"
    title = "The account blocks public access by all four settings"
    types = ("aws_s3_account_public_access_block",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        if resource.get("account_id") not in (None, plan.context.account_id):
            yield f"account_id is {resource.get('account_id')!r}, not the environment's"
        for setting in SETTINGS:
            if resource.get(setting) is not True:
                yield f"{setting} is {resource.get(setting)!r}"

    def judge_plan(self, plan: Any) -> Iterator[str]:
        if plan.context.is_platform and not plan.of_type("aws_s3_account_public_access_block"):
            yield "the platform has no aws_s3_account_public_access_block"


check = AccountBlocksPublicAccess()
