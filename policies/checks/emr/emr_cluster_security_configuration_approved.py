"""Clusters of the plan use the approved security configuration."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names
from policies.check import Resource, ResourceCheck


class EmrClusterSecurityConfigurationApproved(ResourceCheck):
    """Requirement: a cluster names the platform's security configuration, which CSO_EMR_03, 04, 06 and 07 judge.
    Unknown is treated as: no verdict.
    Source: FSBP EMR.3 and EMR.4.
    """

    control = "CSO_EMR_05"
    check_id = "CSO_EMR_05"
    title = "Clusters of the plan use the approved security configuration"
    types = ("aws_emr_cluster",)

    def judge(self, resource: Resource) -> Iterator[str]:
        used = resource.get("security_configuration")
        if not used:
            yield "the cluster has no security configuration"
        elif used != f"{emr_names.platform(resource.context)}-emr":
            yield f"security_configuration is {used!r}, not the platform's"


check = EmrClusterSecurityConfigurationApproved()
