"""Task capacity of the plan is Spot."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_fleet
from policies.check import Resource, ResourceCheck


class EmrTaskCapacityOnSpot(ResourceCheck):
    """Requirement: task nodes of a shared cluster are Spot: it has no deadline, and On-Demand costs two to three
    times as much.
    Unknown is treated as: no verdict.
    Source: AWS EMR best practices, "Spot usage"; CSO catalogue, last paragraph.
    """

    control = "CSO_SPOT_01"
    check_id = "CSO_SPOT_01"
    title = "Task capacity of the plan is Spot"
    types = ("aws_emr_instance_fleet", "aws_emr_instance_group")

    def judge(self, resource: Resource) -> Iterator[str]:
        if resource.type == "aws_emr_instance_group":
            if not resource.get("bid_price"):
                yield "the task group is On-Demand"
            return
        fleet = emr_fleet.terraform_fleet(resource, "TASK")
        if fleet.on_demand:
            yield f"{fleet.on_demand} units of the task fleet are On-Demand"
        if not fleet.spot:
            yield "the task fleet has no Spot capacity"


check = EmrTaskCapacityOnSpot()
