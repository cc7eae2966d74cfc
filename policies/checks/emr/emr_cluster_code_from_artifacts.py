"""Clusters of the plan run reviewed code."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names, emr_software
from policies.check import Resource, ResourceCheck


class EmrClusterCodeFromArtifacts(ResourceCheck):
    """Requirement: code comes from the platform's artifact bucket, at an address that carries the SHA-256 of its
    content; nothing is fetched elsewhere.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.8; SOC 2 CC8.1.
    """

    control = "CSO_EMR_14"
    check_id = "CSO_EMR_14"
    title = "Clusters of the plan run reviewed code"
    types = ("aws_emr_cluster",)

    def judge(self, resource: Resource) -> Iterator[str]:
        bucket = f"{emr_names.platform(resource.context)}-artifacts"
        for action in resource.blocks("bootstrap_action"):
            problem = emr_software.address_problem(str(action.get("path")), bucket)
            if problem:
                yield f"bootstrap action {action.get('name')!r}: {problem}"
        if resource.get("custom_ami_id"):
            yield f"custom_ami_id {resource.get('custom_ami_id')!r} replaces EMR's image"
        found = emr_software.classifications(resource.get("configurations_json"), "configurations_json")
        yield from emr_software.code_problems(found, bucket)


check = EmrClusterCodeFromArtifacts()
