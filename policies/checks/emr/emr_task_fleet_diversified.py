"""Spot task fleets of the plan find capacity."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_fleet
from policies.check import NotApplicable, Resource, ResourceCheck, Warn


class EmrTaskFleetDiversified(ResourceCheck):
    """Requirement: Spot task capacity takes the deepest pools of at least five types of two families, weighs them
    by size, falls back to On-Demand in time, and caps no price.
    Unknown is treated as: no verdict.
    Source: AWS EMR best practices, "Spot usage".
    """

    control = "CSO_EMR_11"
    check_id = "CSO_EMR_11"
    title = "Spot task fleets of the plan find capacity"
    types = ("aws_emr_instance_fleet", "aws_emr_instance_group")

    def judge(self, resource: Resource) -> Iterator[str]:
        if resource.type == "aws_emr_instance_group":
            yield "an instance group has one type; task capacity is an instance fleet"
            return
        fleet = emr_fleet.terraform_fleet(resource, "TASK")
        if not fleet.spot:
            raise NotApplicable("the fleet has no Spot capacity; CSO_SPOT_01 judges whether it may")
        yield from emr_fleet.spot_problems(fleet)
        if len(fleet.types) < emr_fleet.WISH_TYPES:
            yield Warn(f"{len(fleet.types)} instance types; {emr_fleet.WISH_TYPES} find capacity more surely")


check = EmrTaskFleetDiversified()
