"""Clusters of the plan hold no secret in clear."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import credentials, emr_software
from policies.artefacts.computed import is_computed
from policies.check import Resource, ResourceCheck


class EmrClusterWithoutSecrets(ResourceCheck):
    """Requirement: arguments and settings hold no secret: they are stored in clear and shown to everyone who may
    describe a cluster.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.15; SOC 2 CC6.1.
    """

    control = "CSO_EMR_16"
    check_id = "CSO_EMR_16"
    title = "Clusters of the plan hold no secret in clear"
    types = ("aws_emr_cluster",)

    def judge(self, resource: Resource) -> Iterator[str]:
        for found in emr_software.classifications(resource.get("configurations_json"), "configurations_json"):
            yield from credentials.in_settings(found.name, found.properties)
        for action in resource.blocks("bootstrap_action"):
            yield from credentials.in_arguments(f"bootstrap action {action.get('name')!r}", action.strings("args"))
        if not is_computed(resource, "step"):
            for step in resource.blocks("step"):
                yield from credentials.in_arguments(f"step {step.get('name')!r}", step.strings("hadoop_jar_step.args"))


check = EmrClusterWithoutSecrets()
