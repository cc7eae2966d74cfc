"""Only named security groups and private addresses reach the warehouse, and only on its port."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import PlanRule, Resource, security_groups, ways_in
from policies.plan import Plan

PORT = 5439


class RedshiftLetsNamedGroupsIn(PlanRule):
    """Requirement: the security groups of a cluster or workgroup are made by its plan and let in only named groups, or
    private addresses, on the database's port.

    Compliant example: ingress rule tcp 5439 with referenced_security_group_id
    Non-compliant example: ingress rule with cidr_ipv4 0.0.0.0/0, or all ports of a group
    Unknown is treated as: no verdict, unless it is made of a group of this plan.
    Source: FSBP Redshift.15; 23 NYCRR 500.7."""

    control = "CSO_RED_06"
    check_id = "CSO_RED_06_INGRESS"
    title = "Only named groups reach the warehouse's port"
    types = ("aws_redshift_cluster", "aws_redshiftserverless_workgroup")

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        is_cluster = resource.type == "aws_redshift_cluster"
        attribute = "vpc_security_group_ids" if is_cluster else "security_group_ids"
        port = resource.get("port") or PORT
        groups = security_groups(resource, attribute, plan)
        if not groups:
            yield f"{attribute} names no group, so the VPC's default one is taken"
        for group in groups:
            yield from ways_in(group, plan, port)


check = RedshiftLetsNamedGroupsIn()
