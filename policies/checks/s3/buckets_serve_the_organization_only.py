"""No principal from outside the AWS organization reaches an object, even where a policy lets it in by mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, bucket_arn, companion, left_open

ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")


class BucketsServeTheOrganizationOnly(PlanRule):
    """Requirement: reading, listing, writing and deleting are denied to everyone outside one named AWS organization.

    It is a statement of its own: conditions of one statement must all hold, so one that asks for the endpoint as well
    denies only to those who fail both. Excused may be AWS services, the role that deploys and the spec's producers.
    Unknown is treated as: no verdict.
    Source: FSBP S3.6; AWS data perimeters, identity perimeter.
    """

    control = "CSO_S3_08"
    check_id = "CSO_S3_08_ORGANIZATION"
    title = "Buckets serve principals of the organization only"
    types = ("aws_s3_bucket",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        policy = companion(resource, plan, "aws_s3_bucket_policy")
        if policy is None:
            yield "the bucket has no aws_s3_bucket_policy"
            return
        missing = left_open(policy.policy("policy"), bucket_arn(resource), plan, "aws:PrincipalOrgID", _is_organization)
        if missing:
            yield f"{policy.address} does not deny {', '.join(missing)} to principals outside the organization"


def _is_organization(values: tuple[str, ...]) -> bool:
    return len(values) == 1 and ORGANIZATION.fullmatch(values[0]) is not None


check = BucketsServeTheOrganizationOnly()
