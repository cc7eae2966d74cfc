"""Whatever is sent in a VPC is written down, accepted or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, left_to_aws


class VpcTrafficIsLogged(PlanRule):
    """Requirement: every VPC has a flow log of all traffic with a destination.

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
        elif not any(log.get("traffic_type") == "ALL" and _has_destination(log) for log in logs):
            yield f"{logs[0].address}: traffic_type is {logs[0].get('traffic_type')!r}, or it has no destination"


def _has_destination(log: Resource) -> bool:
    if log.is_unknown("log_destination"):
        return not left_to_aws(log, "log_destination")
    return bool(log.get("log_destination"))


check = VpcTrafficIsLogged()
