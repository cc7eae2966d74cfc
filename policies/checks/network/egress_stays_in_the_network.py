"""A security group lets traffic out only to the network itself and to AWS services' endpoints."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, Undecided, said_blocks

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


class EgressStaysInTheNetwork(PlanRule):
    """Requirement: egress leads to ranges of the plan's own VPCs, else of private networks, to groups or prefix lists.

    A prefix list here is a service's, S3's. An IPv6 range is never the network's: it has none.
    Unknown is treated as: no verdict.
    Source: NIST CSF PR.IR; CIS AWS 6.5.
    """

    control = "CSO_NET_01"
    check_id = "CSO_NET_01_GROUPS"
    title = "Security groups let traffic out only to the network and its endpoints"
    types = ("aws_security_group", "aws_vpc_security_group_egress_rule", "aws_security_group_rule")

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        home = plan.once(_networks)
        if resource.type == "aws_security_group":
            rules = said_blocks(resource, "egress")
        elif resource.type == "aws_security_group_rule" and resource.get("type") == "ingress":
            return
        else:
            rules = [resource]
        for rule in rules:
            ranges = [*rule.strings("cidr_blocks"), *rule.strings("cidr_ipv4")]
            for cidr in ranges:
                if not any(_within(cidr, network) for network in home):
                    yield f"egress leads to {cidr!r}, outside {', '.join(home)}"
            for cidr in (*rule.strings("ipv6_cidr_blocks"), *rule.strings("cidr_ipv6")):
                yield f"egress leads to {cidr!r}"


def _networks(plan: Any) -> list[str]:
    return [vpc.get("cidr_block") for vpc in plan.of_type("aws_vpc")] or list(PRIVATE)


def _within(cidr: str, network: str) -> bool:
    try:
        return ipaddress.IPv4Network(cidr, strict=False).subnet_of(ipaddress.IPv4Network(network))
    except ValueError as error:
        raise Undecided(f"{cidr!r} is no IPv4 range: {error}") from None


check = EgressStaysInTheNetwork()
