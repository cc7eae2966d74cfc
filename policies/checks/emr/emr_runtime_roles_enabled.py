"""Clusters run each step with a role of its own."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck


class EmrRuntimeRolesEnabled(ResourceCheck):
    """Requirement: application-scoped roles are on and pass on who called, so that a step reaches only its own
    tenant's data.
    Unknown is treated as: no verdict.
    Source: EMR Management Guide, "Runtime roles for Amazon EMR steps"; SOC 2 CC6.3.
    """

    control = "CSO_EMR_07"
    check_id = "CSO_EMR_07"
    title = "Clusters run each step with a role of its own"
    types = ("aws_emr_security_configuration",)

    def judge(self, resource: Resource) -> Iterator[str]:
        iam = resource.document("configuration").block("AuthorizationConfiguration.IAMConfiguration")
        if iam.get("EnableApplicationScopedIAMRole") is not True:
            yield "EnableApplicationScopedIAMRole is not true"
        if iam.get("ApplicationScopedIAMRoleConfiguration.PropagateSourceIdentity") is not True:
            yield "PropagateSourceIdentity is not true: CloudTrail cannot tell who ran a step"


check = EmrRuntimeRolesEnabled()
