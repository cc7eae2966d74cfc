"""A cluster takes its parameters from a group that its plan makes, not from AWS's default one."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import PlanRule, Resource, parameter_group, parameters
from policies.plan import Plan


class RedshiftParameterGroupIsOurs(PlanRule):
    """Requirement: a cluster names a parameter group of the same plan that demands TLS; AWS's default.redshift-1.0 does
    not, and cannot be changed.

    Compliant example: cluster_parameter_group_name = aws_redshift_parameter_group.this.name
    Non-compliant example: cluster_parameter_group_name = "default.redshift-1.0"
    Unknown is treated as: no verdict, unless it is made of a group of this plan.
    Source: FSBP Redshift.2; 23 NYCRR 500.15."""

    control = "CSO_RED_03"
    check_id = "CSO_RED_03_GROUP"
    title = "A cluster's parameter group demands TLS"
    types = ("aws_redshift_cluster",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        groups = plan.of_type("aws_redshift_parameter_group")
        group = parameter_group(resource, "cluster_parameter_group_name", groups)
        if group is None:
            name = resource.get("cluster_parameter_group_name")
            yield f"cluster_parameter_group_name {name!r} is not made by this plan"
        elif parameters(group).get("require_ssl") != "true":
            yield f"{group.address} does not demand TLS"


check = RedshiftParameterGroupIsOurs()
