"""Lake Formation, not IAM alone, decides who sees a table: IAMAllowedPrincipals has no permission anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, left_to_aws, said_blocks

ANYONE_BY_IAM = "IAM_ALLOWED_PRINCIPALS"
SETTINGS = "aws_lakeformation_data_lake_settings"
DEFAULTS = ("create_database_default_permissions", "create_table_default_permissions")
OPENING = (
    "allow_external_data_filtering",
    "allow_full_table_external_data_access",
    "catalog_id",
    "external_data_filtering_allow_list",
    "read_only_admins",
    "trusted_resource_owners",
)
"""Settings that let others in besides Lake Formation's grants."""


class LakeFormationDecidesAccess(PlanRule):
    """Requirement: the account's defaults, databases and grants give IAMAllowedPrincipals nothing.

    The platform's settings are the account's defaults: they give nobody anything, the role that deploys is the one
    administrator, and no engine or account from outside is let in. A new database takes its own from them.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.7, 500.13; Lake Formation, "Changing the default settings for your data lake".
    """

    control = "CSO_GLU_04"
    check_id = "CSO_GLU_04"
    title = "Lake Formation decides who sees a table"
    types = (SETTINGS, "aws_glue_catalog_database", "aws_lakeformation_permissions")

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        if resource.type == "aws_lakeformation_permissions":
            if resource.get("principal") in (ANYONE_BY_IAM, None):
                yield f"principal is {resource.get('principal')!r}"
            return
        if resource.type == SETTINGS:
            admins = resource.strings("admins")
            if admins != [plan.variables.get("deploy_role_arn")]:
                yield f"admins are {admins!r}, not the role that deploys: an administrator may grant himself everything"
            yield from (f"{name} is said" for name in OPENING if not left_to_aws(resource, name) and resource.get(name))
            for default in DEFAULTS:
                yield from _given(resource, default, "principal")
            return
        yield from _given(resource, "create_table_default_permission", "principal.data_lake_principal_identifier")

    def judge_plan(self, plan: Any) -> Iterator[str]:
        if plan.context.is_platform and not plan.of_type(SETTINGS):
            yield f"the platform has no {SETTINGS}: AWS's defaults give IAMAllowedPrincipals everything"


def _given(resource: Resource, default: str, principal: str) -> Iterator[str]:
    for block in said_blocks(resource, default):
        if block.strings("permissions"):
            yield f"{default} gives {block.get(principal)} {', '.join(block.strings('permissions'))}"


check = LakeFormationDecidesAccess()
