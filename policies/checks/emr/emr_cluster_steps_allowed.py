"""Clusters of the plan are born without steps."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_software
from policies.artefacts.computed import is_computed
from policies.check import Resource, ResourceCheck


class EmrClusterStepsAllowed(ResourceCheck):
    """Requirement: Terraform adds no step, because it would run with the nodes' own role; settings export no
    environment.
    Unknown is treated as: no verdict, unless nothing is written there.
    Source: EMR Management Guide, "Runtime roles for Amazon EMR steps".
    """

    control = "CSO_EMR_18"
    check_id = "CSO_EMR_18"
    title = "Clusters of the plan are born without steps"
    types = ("aws_emr_cluster",)

    def judge(self, resource: Resource) -> Iterator[str]:
        if not is_computed(resource, "step"):
            for step in resource.blocks("step"):
                yield f"step {step.get('name')!r} runs with the nodes' own role"
        for found in emr_software.classifications(resource.get("configurations_json"), "configurations_json"):
            if found.name not in emr_software.APPROVED:
                yield f"the classification {found.name!r} is not approved"


check = EmrClusterStepsAllowed()
