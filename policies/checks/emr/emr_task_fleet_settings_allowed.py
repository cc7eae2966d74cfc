"""Task fleets of the plan have no settings of their own."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_fleet
from policies.check import Resource, ResourceCheck


class EmrTaskFleetSettingsAllowed(ResourceCheck):
    """Requirement: task nodes run with the cluster's settings and EMR's image.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.7 and 500.8.
    """

    control = "CSO_EMR_18"
    check_id = "CSO_EMR_18_FLEET"
    title = "Task fleets of the plan have no settings of their own"
    types = ("aws_emr_instance_fleet", "aws_emr_instance_group")

    def judge(self, resource: Resource) -> Iterator[str]:
        yield from emr_fleet.type_problems(resource, "instance_type_configs")
        if resource.type == "aws_emr_instance_group" and resource.get("configurations_json"):
            yield "configurations_json differs from the cluster's settings"


check = EmrTaskFleetSettingsAllowed()
