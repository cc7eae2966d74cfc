"""Which subnets and routes a cluster has, and whom a security group lets in."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.computed import is_computed
from policies.check import Block, Resource
from policies.errors import Undecided
from policies.plan import Plan


def subnets_of(cluster: Resource, plan: Plan) -> list[Resource | str]:
    """Return the plan's subnets that a cluster names, and the ids of those that the plan does not hold.

    Raises:
        Undecided: they are known only after the apply and cannot be traced to the plan's.
    """
    name = "ec2_attributes.subnet_ids"
    if not cluster.is_unknown(name) and not cluster.strings(name):
        name = "ec2_attributes.subnet_id"
    subnets = plan.of_type("aws_subnet")
    if not cluster.is_unknown(name):
        known = {subnet.values.get("id"): subnet for subnet in subnets}
        return [known.get(subnet_id, subnet_id) for subnet_id in cluster.strings(name)]
    found: list[Resource | str] = []
    for source in sorted(cluster.sources(name)) or [""]:
        own = [subnet for subnet in subnets if is_of(source, subnet)]
        if not own:
            raise Undecided("the cluster's subnets are known only after the apply, and not all are this plan's")
        found += [subnet for subnet in own if subnet not in found]
    attributes = cluster.block("ec2_attributes").values.get("subnet_ids")
    return found + [item for item in attributes if isinstance(item, str)] if isinstance(attributes, list) else found


def routes_of(subnet: Resource, plan: Plan) -> Iterator[Block]:
    """Yield the routes of a subnet's tables; of every table where the plan does not show which are the subnet's."""
    tables = plan.of_type("aws_route_table")
    try:
        own = _tables_of(subnet, plan) or tables
        separate = [route for table in own for route in plan.referring(table, "aws_route", "route_table_id")]
    except Undecided:  # before the first apply ids are not known: any table may be the subnet's
        own, separate = tables, plan.of_type("aws_route")
    for table in own:
        if not is_computed(table, "route"):
            yield from table.blocks("route")
    yield from separate


def _tables_of(subnet: Resource, plan: Plan) -> list[Resource]:
    links = plan.referring(subnet, "aws_route_table_association", "subnet_id")
    return [
        table
        for table in plan.of_type("aws_route_table")
        if any(link in links for link in plan.referring(table, "aws_route_table_association", "route_table_id"))
    ]


def leads_out(route: Block) -> bool:
    """Tell whether a route leads to an internet gateway, known or planned."""
    planned = any(".aws_internet_gateway." in f".{source}" for source in route.sources("gateway_id"))
    return planned or str(route.values.get("gateway_id")).startswith("igw-")


def is_of(source: str, resource: Resource) -> bool:
    """Tell whether a source, `aws_subnet.private` or `aws_subnet.private["a"].id`, may speak of `resource`."""
    address = resource.address
    return address == source or source.startswith(f"{address}.") or address.startswith(f"{source}[")


SOURCES = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "cidr_ipv4", "cidr_ipv6", "prefix_list_id")


def ingress_rules(resource: Resource) -> list[Block]:
    """Return the rules by which a security group, or a rule that is a resource of its own, lets traffic in."""
    if resource.type in ("aws_security_group", "aws_default_security_group"):
        return [] if is_computed(resource, "ingress") else resource.blocks("ingress")
    if resource.type == "aws_security_group_rule" and resource.get("type") == "egress":
        return []
    return [resource]


def lets_in(rule: Block, port: int) -> bool:
    """Tell whether a rule covers a TCP port; a protocol that is not known to be another one counts as TCP."""
    protocol = str(rule.get("ip_protocol") or rule.get("protocol"))
    if protocol not in ("tcp", "6"):
        return protocol not in ("udp", "17", "icmp", "1", "icmpv6", "58")
    first, last = rule.get("from_port"), rule.get("to_port")
    return first is None or last is None or int(first) <= port <= int(last)


def is_among_members(resource: Resource, rule: Block) -> bool:
    """Tell whether a rule's only source is the group that it belongs to."""
    if any(rule.get(name) for name in SOURCES):
        return False
    if rule.get("self") is True:
        return not rule.get("security_groups") and not rule.get("source_security_group_id")
    own, source = "security_group_id", "referenced_security_group_id"
    if resource.type == "aws_security_group_rule":
        source = "source_security_group_id"
    if resource.is_unknown(own) or resource.is_unknown(source):
        return len(resource.sources(own)) == 1 and resource.sources(source) == resource.sources(own)
    return resource.get(own) is not None and resource.get(source) == resource.get(own)
