"""A subnet stands in a network of the same plan, whose gateways, routes and logs are judged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, Undecided


class SubnetsStandInJudgedNetworks(PlanRule):
    """Requirement: the VPC of every subnet and of every endpoint is made by the same plan.

    Of a VPC that is only named, such as the default one, nobody here can tell whether it has a gateway.
    Unknown is treated as: no verdict, unless it is made of a VPC of this plan.
    Source: NIST CSF PR.IR; FSBP EC2.6.
    """

    control = "CSO_NET_01"
    check_id = "CSO_NET_01_HOME"
    title = "Subnets stand in a network that is judged"
    types = ("aws_subnet", "aws_vpc_endpoint")

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        networks = plan.of_type("aws_vpc")
        if resource.is_unknown("vpc_id"):
            sources = resource.sources("vpc_id")
            if not sources:
                raise Undecided("vpc_id is known only after the apply, and not made of a VPC of this plan")
            if not sources <= {f"{network.address}.id" for network in networks}:
                yield f"vpc_id is made of {', '.join(sorted(sources))}, no VPC of this plan"
        elif resource.get("vpc_id") not in {network.values.get("id") for network in networks} - {None}:
            yield f"vpc_id is {resource.get('vpc_id')!r}, no VPC of this plan"


check = SubnetsStandInJudgedNetworks()
