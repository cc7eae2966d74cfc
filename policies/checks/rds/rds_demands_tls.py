"""The database refuses connections without TLS."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import PlanRule, Resource, parameter_group, parameters
from policies.plan import Plan


class RdsDemandsTls(PlanRule):
    """Requirement: a database names a parameter group of the same plan in which rds.force_ssl is 1. From PostgreSQL 15
    that is RDS's default, but a default is not a decision.

    Compliant example: parameter { name = "rds.force_ssl", value = "1" }
    Non-compliant example: parameter_group_name = "default.postgres18"
    Unknown is treated as: no verdict, unless it is made of a group of this plan.
    Source: FSBP RDS.38; 23 NYCRR 500.15."""

    control = "CSO_RDS_02"
    check_id = "CSO_RDS_02"
    title = "The database demands TLS"
    types = ("aws_db_instance", "aws_rds_cluster")

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        is_cluster = resource.type == "aws_rds_cluster"
        attribute = "db_cluster_parameter_group_name" if is_cluster else "parameter_group_name"
        groups = plan.of_type("aws_rds_cluster_parameter_group" if is_cluster else "aws_db_parameter_group")
        group = parameter_group(resource, attribute, groups)
        if group is None:
            yield f"{attribute} {resource.get(attribute)!r} is not made by this plan"
        elif parameters(group).get("rds.force_ssl") != "1":
            yield f"{group.address}: rds.force_ssl is {parameters(group).get('rds.force_ssl')!r}, not '1'"


check = RdsDemandsTls()
