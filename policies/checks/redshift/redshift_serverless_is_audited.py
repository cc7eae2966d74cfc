"""A serverless namespace exports its three audit logs, and they are kept."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import PlanRule, Resource, log_groups_kept
from policies.plan import Plan

LOGS = ("connectionlog", "useractivitylog", "userlog")


class RedshiftServerlessIsAudited(PlanRule):
    """Requirement: a namespace exports connection, user and user activity log, its workgroups write the last one at all
    (enable_user_activity_logging), and its plan makes their log groups, encrypted and, in production, kept five years.

    Compliant example: log_exports = ["connectionlog", "useractivitylog", "userlog"]
    Non-compliant example: log_exports unsaid
    Unknown is treated as: no verdict.
    Source: FSBP RedshiftServerless.5; 23 NYCRR 500.6."""

    control = "CSO_RED_04"
    check_id = "CSO_RED_04_SERVERLESS"
    title = "A serverless warehouse's audit logs are exported and kept"
    types = ("aws_redshiftserverless_namespace",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        name = resource.get("namespace_name")
        for log in LOGS:
            if log not in resource.strings("log_exports"):
                yield f"log_exports lacks {log!r}"
        for workgroup in plan.of_type("aws_redshiftserverless_workgroup"):
            items = workgroup.blocks("config_parameter")
            said = {item.get("parameter_key"): item.get("parameter_value") for item in items}
            if workgroup.get("namespace_name") == name and said.get("enable_user_activity_logging") != "true":
                yield f"{workgroup.address}: enable_user_activity_logging is not 'true'"
        yield from log_groups_kept([f"/aws/redshift/{name}/{log}" for log in LOGS], plan)


check = RedshiftServerlessIsAudited()
