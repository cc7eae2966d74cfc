"""A security group lets traffic out only to the network itself and to AWS services' endpoints."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from policies.check import Block, PlanRule, Resource, Undecided, Unknown, said_blocks

WIDEST = 16
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


class EgressStaysInTheNetwork(PlanRule):
    """Requirement: egress leads to ranges of the plan's own VPCs, else of private networks, to groups, or to the prefix
    lists of the plan's own gateway endpoints, `aws_vpc_endpoint.s3.prefix_list_id`. Of any other list nobody here can
    tell whose ranges it holds. An IPv6 range is never the network's: it has none.

    Unknown is treated as: no verdict, unless it is made of a gateway endpoint of this plan.
    Source: NIST CSF PR.IR; CIS AWS 6.5; VPC User Guide, "AWS-managed prefix lists".
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
            for attribute in ("prefix_list_ids", "prefix_list_id"):
                yield from _other_lists(rule, attribute, plan.once(_gateways))


def _other_lists(rule: Block, attribute: str, gateways: list[Resource]) -> Iterator[str]:
    """Yield the prefix lists of a rule that are not one of these endpoints'."""
    own = {f"{gateway.address}.prefix_list_id" for gateway in gateways}
    known = {gateway.values.get("prefix_list_id") for gateway in gateways}
    named = rule.values.get(attribute)
    for item in named if isinstance(named, list) else [named]:
        if not isinstance(item, Unknown):
            if item and item not in known:
                yield f"egress leads to the prefix list {item!r}, which is no gateway endpoint's of this plan"
        elif not item.sources:
            raise Undecided(f"{attribute} is known only after the apply, and not made of a gateway endpoint")
        elif item.sources - own:
            yield f"egress leads to a prefix list made of {', '.join(sorted(item.sources - own))}"


def _gateways(plan: Any) -> list[Resource]:
    """Return the endpoints that have a prefix list, which AWS keeps: gateways to a service of its own."""
    return [
        endpoint
        for endpoint in plan.of_type("aws_vpc_endpoint")
        if endpoint.get("vpc_endpoint_type") in (None, "Gateway")
        and str(endpoint.get("service_name")).startswith(f"com.amazonaws.{plan.context.region}.")
    ]


def _networks(plan: Any) -> list[str]:
    """Return the ranges of the plan's VPCs; none is wider than AWS makes them, /16."""
    found = [vpc.get("cidr_block") for vpc in plan.of_type("aws_vpc")]
    for cidr in found:
        if not str(cidr).partition("/")[2].isdecimal() or int(cidr.partition("/")[2]) < WIDEST:
            raise Undecided(f"{cidr!r} is no range of a VPC")
    return found or list(PRIVATE)


def _within(cidr: str, network: str) -> bool:
    try:
        return ipaddress.IPv4Network(cidr, strict=False).subnet_of(ipaddress.IPv4Network(network))
    except ValueError as error:
        raise Undecided(f"{cidr!r} is no IPv4 range: {error}") from None


check = EgressStaysInTheNetwork()
