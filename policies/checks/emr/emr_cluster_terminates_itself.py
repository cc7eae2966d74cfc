"""Production has no lasting cluster."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_fleet
from policies.check import NotApplicable, Resource, ResourceCheck


class EmrClusterTerminatesItself(ResourceCheck):
    """Requirement: a cluster of the plan in production ends within an idle hour and is not protected; elsewhere
    one may be shared and last.
    Unknown is treated as: no verdict.
    Source: EMR Management Guide, "Using an auto-termination policy"; SOC 2 CC7.5.
    """

    control = "CSO_EMR_09"
    check_id = "CSO_EMR_09"
    title = "Production has no lasting cluster"
    types = ("aws_emr_cluster",)

    def judge(self, resource: Resource) -> Iterator[str]:
        if not resource.context.is_production:
            raise NotApplicable("a development environment may share one lasting cluster")
        idle = emr_fleet.number(resource.block("auto_termination_policy"), "idle_timeout")
        if not 60 <= idle <= 3600:
            yield f"auto_termination_policy.idle_timeout is {idle or None} seconds, not 60 to 3600"
        if resource.get("termination_protection"):
            yield "termination_protection is on"


check = EmrClusterTerminatesItself()
