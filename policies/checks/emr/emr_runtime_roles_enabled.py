"""Clusters run each step with a role of its own."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck


class EmrRuntimeRolesEnabled(ResourceCheck):
    """Requirement: application-scoped roles are on and pass on who called, so that a step reaches only its own
    tenant's data; nothing else, such as EMRFS's role mappings, decides whose rights a step has.
    Unknown is treated as: no verdict.
    Source: EMR Management Guide, "Runtime roles for Amazon EMR steps"; SOC 2 CC6.3.
    """

    control = "CSO_EMR_07"
    check_id = "CSO_EMR_07"
    title = "Clusters run each step with a role of its own"
    types = ("aws_emr_security_configuration",)

    def judge(self, resource: Resource) -> Iterator[str]:
        authorization = resource.document("configuration").block("AuthorizationConfiguration")
        for name in authorization:
            if name != "IAMConfiguration":
                yield f"{name} gives rights beside the role of each step"
        iam = authorization.block("IAMConfiguration")
        if iam.get("EnableApplicationScopedIAMRole") is not True:
            yield "EnableApplicationScopedIAMRole is not true"
        if iam.get("ApplicationScopedIAMRoleConfiguration.PropagateSourceIdentity") is not True:
            yield "PropagateSourceIdentity is not true: CloudTrail cannot tell who ran a step"


check = EmrRuntimeRolesEnabled()
