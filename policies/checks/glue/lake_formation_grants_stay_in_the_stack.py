"""Lake Formation grants a tenant's tables to that tenant's roles and the platform's, who cannot pass them on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, is_of, left_to_aws, said_blocks

PLATFORM = "platform"
DATABASES = {"database": "name", "table": "database_name", "table_with_columns": "database_name"}


class LakeFormationGrantsStayInTheStack(PlanRule):
    """Requirement: each grant is on the stack's database or its tables, to a role of the stack or of the platform,
    without the option to grant.

    The role that deploys administers the data lake and may be granted to. An approved share is a waiver.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.7; SOC 2 CC6.1.
    """

    control = "CSO_GLU_04"
    check_id = "CSO_GLU_04_GRANTS"
    title = "Lake Formation grants stay within their stack"
    types = ("aws_lakeformation_permissions",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        principal = resource.get("principal")
        known = principal is not None and (
            principal == plan.variables.get("deploy_role_arn")
            or is_of(principal, {plan.context.stack, PLATFORM}, plan.context)
        )
        if not known:
            yield f"the grant is to {principal!r}"
        database = f"{plan.context.organisation}_{plan.context.environment}_{plan.context.stack}".replace("-", "_")
        on = [block.get(key) for name, key in DATABASES.items() for block in said_blocks(resource, name)]
        if on != [database]:
            yield f"the grant is on {on or 'something else than tables'}, not on {database}"
        option = "permissions_with_grant_option"
        if not left_to_aws(resource, option) and resource.strings(option):
            yield f"the grantee may pass on {', '.join(sorted(resource.strings(option)))}"


check = LakeFormationGrantsStayInTheStack()
