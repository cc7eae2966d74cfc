"""A cluster exports its three audit logs, and they are kept."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import PlanRule, Resource, log_groups_kept, parameter_group, parameters
from policies.plan import Plan

LOGS = ("connectionlog", "useractivitylog", "userlog")


class RedshiftClusterIsAudited(PlanRule):
    """Requirement: a cluster exports connection, user and user activity log to CloudWatch, writes the last one at all
    (enable_user_activity_logging), and its plan makes their log groups, encrypted and, in production, kept for five
    years. Logs in a bucket are not accepted: their retention would be somebody else's.

    Compliant example: aws_redshift_logging with log_exports of all three and log groups of 1827 days
    Non-compliant example: aws_redshift_logging without useractivitylog
    Unknown is treated as: no verdict.
    Source: FSBP Redshift.4; 23 NYCRR 500.6."""

    control = "CSO_RED_04"
    check_id = "CSO_RED_04"
    title = "A cluster's audit logs are exported and kept"
    types = ("aws_redshift_cluster",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        identifier = resource.get("cluster_identifier")
        found = [item for item in plan.of_type("aws_redshift_logging") if item.get("cluster_identifier") == identifier]
        if not found or not identifier:
            yield "no aws_redshift_logging for this cluster"
        for logging in found:
            missing = [name for name in LOGS if name not in logging.strings("log_exports")]
            if logging.get("log_destination_type") != "cloudwatch" or missing:
                yield f"{logging.address} sends {missing or LOGS} not to CloudWatch"
        group = parameter_group(resource, "cluster_parameter_group_name", plan.of_type("aws_redshift_parameter_group"))
        if group is None or parameters(group).get("enable_user_activity_logging") != "true":
            yield "enable_user_activity_logging is not 'true', so useractivitylog stays empty"
        yield from log_groups_kept([f"/aws/redshift/cluster/{identifier}/{name}" for name in LOGS], plan)


check = RedshiftClusterIsAudited()
