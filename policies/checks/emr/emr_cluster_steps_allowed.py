"""Clusters of the plan are born without steps and foreign settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.artefacts import emr_fleet, emr_software
from policies.artefacts.computed import is_computed
from policies.check import Resource, ResourceCheck, left_to_aws
from policies.data import read

META = ("count", "depends_on", "for_each", "lifecycle", "provider")
KNOWN = frozenset({*read("job_flow")["cluster"].split(), *META})


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
        yield from _unjudged(resource)
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


def _unjudged(resource: Resource) -> Iterator[str]:
    """Yield what a cluster says that no check judges, and its applications besides the approved ones."""
    for name in resource:
        if name not in KNOWN and not left_to_aws(resource, name) and resource.get(name):
            yield f"no check judges {name}"
    for item in resource.get("applications") or []:
        application = item.get("name") if isinstance(item, Mapping) else item  # a template says blocks
        is_notebook = application in emr_software.NOTEBOOKS
        if application not in emr_software.APPLICATIONS and not (is_notebook and not resource.context.is_production):
            yield f"the application {application!r} is not approved"


check = EmrClusterStepsAllowed()
