"""Managed scaling of the plan adds task nodes only."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_fleet
from policies.check import PlanRule, Resource
from policies.plan import Plan


class EmrClusterScalingBounded(PlanRule):
    """Requirement: managed scaling adds task nodes only: the core fleet keeps its target, and On-Demand capacity
    stays at what is planned On-Demand.
    Unknown is treated as: no verdict.
    Source: AWS EMR best practices, "Managed scaling".
    """

    control = "CSO_EMR_12"
    check_id = "CSO_EMR_12_SCALING"
    title = "Managed scaling of the plan adds task nodes only"
    types = ("aws_emr_cluster",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        policies = plan.referring(resource, "aws_emr_managed_scaling_policy", "cluster_id")
        if not policies:
            yield "the cluster has no aws_emr_managed_scaling_policy"
        core = emr_fleet.terraform_fleet(resource.block("core_instance_fleet"), "CORE")
        tasks = plan.referring(resource, "aws_emr_instance_fleet", "cluster_id")
        planned = core.on_demand + sum(emr_fleet.terraform_fleet(task, "TASK").on_demand for task in tasks)
        for policy in policies:
            yield from emr_fleet.scaling_problems(emr_fleet.terraform_limits(policy), core, planned)


check = EmrClusterScalingBounded()
