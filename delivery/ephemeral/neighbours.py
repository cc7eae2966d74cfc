"""What a cluster stands in: its subnets and where their routes lead, as AWS has them at this moment.

The control on private subnets asks to see them. A tenant's plan does not hold them, so they are read from the account.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from delivery.ephemeral.errors import asking
from delivery.ephemeral.translate import Existing


def neighbours(ec2: Any, subnet_ids: Sequence[str]) -> list[Existing]:
    """Return the subnets, the route tables of their networks, and which table each subnet has.

    Raises:
        CloudRefused: a subnet does not exist, or AWS does not say.
    """
    with asking("the platform's subnets"):
        subnets = ec2.describe_subnets(SubnetIds=list(subnet_ids))["Subnets"]
        networks = sorted({subnet["VpcId"] for subnet in subnets})
        pages = ec2.get_paginator("describe_route_tables").paginate(Filters=[{"Name": "vpc-id", "Values": networks}])
        tables = [table for page in pages for table in page["RouteTables"]]
    return [*map(_subnet, subnets), *map(_table, tables), *_links(subnets, tables)]


def _subnet(found: dict[str, Any]) -> Existing:
    values = {
        "id": found["SubnetId"],
        "vpc_id": found["VpcId"],
        "cidr_block": found["CidrBlock"],
        "map_public_ip_on_launch": found["MapPublicIpOnLaunch"],
        "tags_all": {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])},
    }
    return Existing("aws_subnet", _name(found["SubnetId"]), values)


def _table(found: dict[str, Any]) -> Existing:
    routes = [
        {"cidr_block": route.get("DestinationCidrBlock", ""), "gateway_id": route.get("GatewayId", "")}
        for route in found["Routes"]
    ]
    values = {"id": found["RouteTableId"], "vpc_id": found["VpcId"], "route": routes}
    return Existing("aws_route_table", _name(found["RouteTableId"]), values)


def _links(subnets: list[dict[str, Any]], tables: list[dict[str, Any]]) -> Iterator[Existing]:
    """Yield which table each subnet has: the one that names it, else its network's main one."""
    for subnet in subnets:
        subnet_id = subnet["SubnetId"]
        own = [table for table in tables if any(item.get("SubnetId") == subnet_id for item in table["Associations"])]
        in_network = [table for table in tables if table["VpcId"] == subnet["VpcId"]]
        main = [table for table in in_network if any(item.get("Main") for item in table["Associations"])]
        for table in own or main:
            table_id = table["RouteTableId"]
            values = {"id": f"{table_id}-{subnet_id}", "subnet_id": subnet_id, "route_table_id": table_id}
            yield Existing("aws_route_table_association", _name(subnet_id), values)


def _name(id: str) -> str:
    return id.replace("-", "_")
