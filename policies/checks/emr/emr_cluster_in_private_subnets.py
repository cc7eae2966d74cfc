"""Clusters of the plan stand in private subnets."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_network
from policies.check import PlanRule, Resource
from policies.plan import Plan


class EmrClusterInPrivateSubnets(PlanRule):
    """Requirement: every subnet of a cluster gives no public address and has no route to an internet gateway.
    Unknown is treated as: no verdict, where it cannot be traced to a subnet of the plan.
    Source: FSBP EMR.1.
    """

    control = "CSO_EMR_01"
    check_id = "CSO_EMR_01"
    title = "Clusters of the plan stand in private subnets"
    types = ("aws_emr_cluster",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        subnets = emr_network.subnets_of(resource, plan)
        if not subnets:
            yield "ec2_attributes names no subnet"
        for subnet in subnets:
            if isinstance(subnet, str):
                yield f"the subnet {subnet!r} is none of this plan, so nothing shows that it is private"
                continue
            if subnet.get("map_public_ip_on_launch"):
                yield f"{subnet.address} gives its machines public addresses"
            if any(emr_network.leads_out(route) for route in emr_network.routes_of(subnet, plan)):
                yield f"a route of {subnet.address} leads to an internet gateway"


check = EmrClusterInPrivateSubnets()
