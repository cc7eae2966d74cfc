"""Whatever is sent in a VPC is written down, accepted or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import Context, PlanRule, Resource, left_to_aws


class VpcTrafficIsLogged(PlanRule):
    """Requirement: every VPC has a flow log of all traffic, into the account's log group or the environment's bucket.

    Unknown is treated as: no verdict; a destination that is still to be made is one.
    Source: FSBP EC2.6; CIS AWS 4.7.
    """

    control = "CSO_NET_01"
    check_id = "CSO_NET_01"
    title = "All traffic of every VPC is logged"
    types = ("aws_vpc",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        logs = plan.referring(resource, "aws_flow_log", "vpc_id")
        if not logs:
            yield "the VPC has no aws_flow_log"
        elif not any(log.get("traffic_type") == "ALL" and _stays(log, plan.context) for log in logs):
            kind = logs[0].get("traffic_type")
            yield f"{logs[0].address}: traffic_type is {kind!r}, or it has no destination of ours"


def _stays(log: Resource, context: Context) -> bool:
    """Tell whether a flow log goes to a place of the environment's own."""
    if log.is_unknown("log_destination"):
        return not left_to_aws(log, "log_destination")
    groups = f"arn:aws:logs:{context.region}:{context.account_id}:"
    buckets = f"arn:aws:s3:::{context.organisation}-{context.environment}-"
    return str(log.get("log_destination")).startswith((groups, buckets))


check = VpcTrafficIsLogged()
