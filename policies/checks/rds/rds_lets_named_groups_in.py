"""Only named security groups and private addresses reach the database, and only on its port."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import PlanRule, Resource, security_groups, ways_in
from policies.plan import Plan

PORT = 5432


class RdsLetsNamedGroupsIn(PlanRule):
    """Requirement: the security groups of a database are made by its plan and let in only named groups, or private
    addresses, on the database's port.

    Compliant example: ingress rule tcp 5432 with referenced_security_group_id of Airflow
    Non-compliant example: ingress rule with cidr_ipv4 0.0.0.0/0
    Unknown is treated as: no verdict, unless it is made of a group of this plan.
    Source: FSBP RDS.2; CIS AWS 3.2.3."""

    control = "CSO_RDS_01"
    check_id = "CSO_RDS_01_INGRESS"
    title = "Only named groups reach the database's port"
    types = ("aws_db_instance", "aws_rds_cluster")

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        port = None if resource.is_unknown("port") else resource.get("port")
        groups = security_groups(resource, "vpc_security_group_ids", plan)
        if not groups:
            yield "vpc_security_group_ids names no group, so the VPC's default one is taken"
        for group in groups:
            yield from ways_in(group, plan, port or PORT)


check = RdsLetsNamedGroupsIn()
