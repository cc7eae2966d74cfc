"""A tenant's objects are reached through the environment's VPC endpoint, whatever credentials a caller has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policies.check import NotApplicable, PlanRule, Resource, bucket_arn, companion, left_open

ENDPOINT = re.compile(r"vpce-[0-9a-z]+")


class DataIsReachedThroughTheEndpoint(PlanRule):
    """Requirement: reading, listing, writing and deleting are denied to everyone from outside named VPC endpoints.

    Excused may be AWS services, the role that deploys, the spec's producers, who write from their own networks, and the
    role with which AWS Backup reads the bucket; from listing alone, the role that plans.
    The platform's buckets hold code and logs, no tenant's data; CSO_S3_08_ORGANIZATION holds for them too.
    Unknown is treated as: no verdict.
    Source: FSBP S3.6; AWS data perimeters, network perimeter.
    """

    control = "CSO_S3_08"
    check_id = "CSO_S3_08"
    title = "Tenants' data is reached only through the VPC endpoint"
    types = ("aws_s3_bucket",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        if plan.context.is_platform:
            raise NotApplicable("holds no tenant's data")
        policy = companion(resource, plan, "aws_s3_bucket_policy")
        if policy is None:
            yield "the bucket has no aws_s3_bucket_policy"
            return
        missing = left_open(policy.policy("policy"), bucket_arn(resource), plan, "aws:SourceVpce", _is_endpoint)
        if missing:
            yield f"{policy.address} does not deny {', '.join(missing)} from outside the VPC endpoint"


def _is_endpoint(values: tuple[str, ...]) -> bool:
    return bool(values) and all(ENDPOINT.fullmatch(value) for value in values)


check = DataIsReachedThroughTheEndpoint()
