"""A bucket's policy refuses every request that does not come by TLS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, Statement, bucket_arn, companion, denies_to_everyone, tests

EVERY_ACTION = {"*", "s3:*"}


class BucketsRefusePlainHttp(PlanRule):
    """Requirement: all S3 actions on bucket and objects are denied to everyone where aws:SecureTransport is false.

    A Deny with any further condition, fewer actions, only the bucket or only the objects, or named principals leaves a
    request that may come in the clear; one statement may cover the bucket and another its objects.
    Unknown is treated as: no verdict.
    Source: FSBP S3.5; CIS AWS 3.1.1; NYDFS 500.15.
    """

    control = "CSO_S3_02"
    check_id = "CSO_S3_02"
    title = "Every bucket refuses requests without TLS"
    types = ("aws_s3_bucket",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        policy = companion(resource, plan, "aws_s3_bucket_policy")
        if policy is None:
            yield "the bucket has no aws_s3_bucket_policy"
            return
        denials = [statement for statement in policy.policy("policy") if _denies_plain_http(statement)]
        arn = bucket_arn(resource)
        for target, what in ((arn, "the bucket"), (f"{arn}/", "every object")):
            if not denials or not denies_to_everyone(denials, ["s3:GetObject"], target):
                yield f"{policy.address} does not deny s3:* on {what} to everyone where aws:SecureTransport is false"


def _denies_plain_http(statement: Statement) -> bool:
    found = list(tests(statement))
    return (
        bool(EVERY_ACTION & set(statement.actions))
        and len(found) == 1
        and found[0] in [(operator, "aws:securetransport", ("false",)) for operator in ("bool", "boolifexists")]
    )


check = BucketsRefusePlainHttp()
