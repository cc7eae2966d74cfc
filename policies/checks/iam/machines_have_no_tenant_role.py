"""No machine has a tenant's role: a runtime role is assumed for one step, never worn by an instance."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck


class MachinesHaveNoTenantRole(ResourceCheck):
    """Requirement: an instance profile is made by the platform alone and holds one of the platform's own roles. A
    tenant's role in a profile would be everybody's on that machine.

    Compliant example: role = "meridian-prod-platform-emr-node" in the platform's stack
    Non-compliant example: any aws_iam_instance_profile in a tenant's stack
    Unknown is treated as: no verdict.
    Source: EMR Management Guide, "Runtime roles for Amazon EMR steps"; 23 NYCRR 500.7."""

    control = "CSO_IAM_07"
    check_id = "CSO_IAM_07_PROFILE"
    title = "Instance profiles hold roles of the platform alone"
    types = ("aws_iam_instance_profile",)

    def judge(self, resource: Resource) -> Iterator[str]:
        context = resource.context
        if not context.is_platform:
            yield f"an instance profile in the stack of {context.stack}"
        role = resource.get("role")
        if not isinstance(role, str) or not role.startswith(f"{context.platform_name}-"):
            yield f"role {role!r} is not one of the platform's"


check = MachinesHaveNoTenantRole()
