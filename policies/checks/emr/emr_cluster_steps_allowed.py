"""Clusters of the plan are born without steps and foreign settings."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_fleet, emr_software
from policies.artefacts.computed import is_computed
from policies.check import Resource, ResourceCheck, left_to_aws
from policies.data import read

META = ("count", "depends_on", "for_each", "lifecycle", "provider")
KNOWN = frozenset({*read("job_flow")["cluster"].split(), *META})
SHARED = emr_software.APPLICATIONS | emr_software.NOTEBOOKS


class EmrClusterStepsAllowed(ResourceCheck):
    """Requirement: Terraform adds no step, because it would run with the nodes' own role; applications and settings are
    approved ones, the same for all types, and nothing is said that no check judges (policies/data/job_flow.yaml).
    Unknown is treated as: no verdict, unless nothing is written there.
    Source: EMR Management Guide, "Runtime roles for Amazon EMR steps".
    """

    control = "CSO_EMR_18"
    check_id = "CSO_EMR_18"
    title = "Clusters of the plan are born without steps and foreign settings"
    types = ("aws_emr_cluster",)

    def judge(self, resource: Resource) -> Iterator[str]:
        for name in resource:
            if name not in KNOWN and not left_to_aws(resource, name) and resource.get(name):
                yield f"no check judges {name}"
        approved = emr_software.APPLICATIONS if resource.context.is_production else SHARED
        for application in sorted(set(resource.strings("applications")) - approved):
            yield f"the application {application!r} is not approved"
        if not is_computed(resource, "step"):
            for step in resource.blocks("step"):
                yield f"step {step.get('name')!r} runs with the nodes' own role"
        if resource.get("configurations"):
            yield f"configurations {resource.get('configurations')!r} names settings that are not in the plan"
        found = emr_software.classifications(resource.get("configurations_json"), "configurations_json")
        yield from emr_software.setting_problems(found)
        for name in ("master_instance_fleet", "core_instance_fleet"):
            for fleet in resource.blocks(name):
                for problem in emr_fleet.type_problems(fleet, "instance_type_configs"):
                    yield f"{name}: {problem}"


check = EmrClusterStepsAllowed()
