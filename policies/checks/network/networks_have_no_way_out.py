"""No route leads out of the network but to VPC endpoints."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Block, Resource, ResourceCheck, left_to_aws, said_blocks

TARGETS = (
    "gateway_id",
    "nat_gateway_id",
    "egress_only_gateway_id",
    "carrier_gateway_id",
    "transit_gateway_id",
    "vpc_peering_connection_id",
    "network_interface_id",
    "local_gateway_id",
    "core_network_arn",
)
ENDPOINT = "vpc_endpoint_id"
RANGES = ("cidr_block", "destination_cidr_block", "ipv6_cidr_block", "destination_ipv6_cidr_block")
INSIDE = (None, "", "local")


class NetworksHaveNoWayOut(ResourceCheck):
    """Requirement: no route but to VPC endpoints, no subnet that gives public addresses. A route by an address range to
    an endpoint leads to a load balancer's appliances, and on to wherever they send it.

    Unknown is treated as: no verdict.
    Source: NIST CSF PR.IR; CIS AWS 6.5.
    """

    control = "CSO_NET_01"
    check_id = "CSO_NET_01_EGRESS"
    title = "Routes lead nowhere but to VPC endpoints"
    types = ("aws_route", "aws_route_table", "aws_default_route_table", "aws_subnet")

    def judge(self, resource: Resource) -> Iterator[str]:
        if resource.type == "aws_subnet":
            if resource.get("map_public_ip_on_launch") is not False:
                yield f"map_public_ip_on_launch is {resource.get('map_public_ip_on_launch')!r}"
        elif resource.type == "aws_route":
            yield from _ways_out(resource, resource)
        else:
            for route in said_blocks(resource, "route"):
                yield from _ways_out(route, resource)


def _ways_out(route: Block, resource: Resource) -> Iterator[str]:
    for target in TARGETS:
        if not (route is resource and left_to_aws(resource, target)) and route.get(target) not in INSIDE:
            yield f"a route leads to {target} {route.get(target)!r}"
    ranges = [cidr for name in RANGES if (cidr := route.get(name))]
    if ranges and (route.is_unknown(ENDPOINT) or route.get(ENDPOINT)):
        yield f"a route leads to {ranges[0]!r} through an endpoint: only appliances are reached so"


check = NetworksHaveNoWayOut()
