"""A writer cannot have an object encrypted with anything but the key of the bucket's stack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import (
    PlanRule,
    Resource,
    bucket_arn,
    bucket_name,
    companion,
    denies_to_everyone,
    holds_unless,
    log_target,
    own_keys,
)

ENCRYPTION = "s3:x-amz-server-side-encryption"
KEY = f"{ENCRYPTION}-aws-kms-key-id"
CUSTOMER = f"{ENCRYPTION}-customer-algorithm"


class BucketsRefuseOtherKeys(PlanRule):
    """Requirement: PutObject is denied to everyone who names another key, another encryption or a key of their own.

    A statement may leave alone requests that name nothing (Null is false): they get the bucket's default. The log
    bucket is excused from refusing AES256, by which AWS delivers access logs, and from nothing else.
    Unknown is treated as: no verdict.
    Source: FSBP S3.17; NYDFS 500.15.
    """

    control = "CSO_S3_03"
    check_id = "CSO_S3_03_POLICY"
    title = "Every bucket refuses objects under a key of another stack"
    types = ("aws_s3_bucket",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        policy = companion(resource, plan, "aws_s3_bucket_policy")
        if policy is None:
            yield "the bucket has no aws_s3_bucket_policy"
            return
        statements = policy.policy("policy").denies
        wanted = {KEY: ("a key that is not this stack's", own_keys(plan)), CUSTOMER: ("a key of the caller's own", ())}
        if bucket_name(resource) != log_target(plan.context):
            wanted[ENCRYPTION] = ("an encryption other than aws:kms", ("aws:kms", "aws:kms:dsse"))
        for header, (what, allowed) in wanted.items():
            denials = [statement for statement in statements if holds_unless(statement, header, allowed)]
            if not denies_to_everyone(denials, ["s3:PutObject"], f"{bucket_arn(resource)}/"):
                yield f"{policy.address} does not deny s3:PutObject to everyone who names {what} ({header})"


check = BucketsRefuseOtherKeys()
