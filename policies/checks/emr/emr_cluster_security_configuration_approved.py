"""Clusters of the plan use the security configuration of their stack."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names
from policies.check import Resource, ResourceCheck


class EmrClusterSecurityConfigurationApproved(ResourceCheck):
    """Requirement: a cluster names the security configuration of its own stack, which CSO_EMR_03, 04, 06 and 07 judge;
    outside production, where clusters of a plan are shared or a developer's for some hours, it names the platform's.
    Unknown is treated as: no verdict.
    Source: FSBP EMR.3 and EMR.4.
    """

    control = "CSO_EMR_05"
    check_id = "CSO_EMR_05"
    title = "Clusters of the plan use the security configuration of their stack"
    types = ("aws_emr_cluster",)

    def judge(self, resource: Resource) -> Iterator[str]:
        of_own_stack = resource.context.is_production
        named = emr_names.security_configuration if of_own_stack else emr_names.platforms_security_configuration
        used, approved = resource.get("security_configuration"), named(resource.context)
        if not used:
            yield "the cluster has no security configuration"
        elif used != approved:
            yield f"security_configuration is {used!r}, not {approved!r}"


check = EmrClusterSecurityConfigurationApproved()
