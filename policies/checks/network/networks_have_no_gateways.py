"""Nothing is made by which a network could be left or entered but VPC endpoints."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck


class NetworksHaveNoGateways(ResourceCheck):
    """Requirement: no gateway, peering, attachment or public address exists.

    A proxy with an allow-list is a way out too, for a waiver that names it.
    Unknown is treated as: failed, for what exists is a way out whatever its values.
    Source: NIST CSF PR.IR; CIS AWS 6.5.
    """

    control = "CSO_NET_01"
    check_id = "CSO_NET_01_GATEWAYS"
    title = "No network has a gateway, a peer or a public address"
    types = (
        "aws_internet_gateway",
        "aws_internet_gateway_attachment",
        "aws_nat_gateway",
        "aws_egress_only_internet_gateway",
        "aws_vpn_gateway",
        "aws_vpn_gateway_attachment",
        "aws_customer_gateway",
        "aws_vpc_peering_connection",
        "aws_vpc_peering_connection_accepter",
        "aws_ec2_transit_gateway_vpc_attachment",
        "aws_networkmanager_vpc_attachment",
        "aws_ec2_carrier_gateway",
        "aws_eip",
    )

    def judge(self, resource: Resource) -> Iterator[str]:
        yield f"{resource.type} is a way out of the network"


check = NetworksHaveNoGateways()
