"""Drivers on clusters of the plan run On-Demand."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_software
from policies.check import Resource, ResourceCheck


class EmrClusterDriverOnDemand(ResourceCheck):
    """Requirement: YARN puts application masters, in which drivers run, on On-Demand nodes; from EMR 7.2 by its
    node labels.
    Unknown is treated as: no verdict.
    Source: EMR Management Guide, "Node allocation strategy"; AWS EMR best practices.
    """

    control = "CSO_EMR_13"
    check_id = "CSO_EMR_13"
    title = "Drivers on clusters of the plan run On-Demand"
    types = ("aws_emr_cluster",)

    def judge(self, resource: Resource) -> Iterator[str]:
        found = emr_software.classifications(resource.get("configurations_json"), "configurations_json")
        yield from emr_software.driver_problems(found, resource.get("release_label"))


check = EmrClusterDriverOnDemand()
