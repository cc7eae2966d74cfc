"""Primary and core nodes of the plan are On-Demand."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_fleet
from policies.check import Resource, ResourceCheck


class EmrClusterCoreOnDemand(ResourceCheck):
    """Requirement: primary and core nodes are On-Demand fleets, with at least two core nodes: they hold HDFS and
    the drivers.
    Unknown is treated as: no verdict.
    Source: AWS EMR best practices, "Spot usage".
    """

    control = "CSO_EMR_12"
    check_id = "CSO_EMR_12"
    title = "Primary and core nodes of the plan are On-Demand"
    types = ("aws_emr_cluster",)

    def judge(self, resource: Resource) -> Iterator[str]:
        for role, name, least in (("primary", "master_instance_fleet", 1), ("core", "core_instance_fleet", 2)):
            if not resource.blocks(name):
                yield f"the {role} nodes are no instance fleet"
                continue
            fleet = emr_fleet.terraform_fleet(resource.block(name), role)
            if fleet.spot:
                yield f"{fleet.spot} units of the {role} fleet are Spot"
            if fleet.least_nodes < least:
                yield f"the {role} fleet may have {fleet.least_nodes} On-Demand nodes, fewer than {least}"


check = EmrClusterCoreOnDemand()
