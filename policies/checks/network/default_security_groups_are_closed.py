"""What forgets to name a security group can talk to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, companion, said_blocks


class DefaultSecurityGroupsAreClosed(PlanRule):
    """Requirement: the default security group of every VPC is taken over and has no rule.

    aws_default_security_group removes every rule that it does not say.
    Unknown is treated as: no verdict.
    Source: FSBP EC2.2; CIS AWS 6.5.
    """

    control = "CSO_NET_01"
    check_id = "CSO_NET_01_DEFAULT"
    title = "Default security groups have no rule"
    types = ("aws_vpc",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        group = companion(resource, plan, "aws_default_security_group", "vpc_id")
        if group is None:
            yield "the VPC has no aws_default_security_group, and AWS's lets its members talk to each other"
            return
        for direction in ("ingress", "egress"):
            if said_blocks(group, direction):
                yield f"{group.address} has {direction} rules"


check = DefaultSecurityGroupsAreClosed()
