"""The database exports its logs, they are kept, and what changes its schema stands in them."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import PlanRule, Resource, log_groups_kept, parameter_group, parameters
from policies.plan import Plan

LOGS = ("postgresql", "upgrade")
STATEMENTS = frozenset({"ddl", "mod", "all"})


class RdsIsAudited(PlanRule):
    """Requirement: an instance exports postgresql and upgrade log, its plan makes their log groups, encrypted and in
    production kept for five years, and log_statement is ddl or more, or pgaudit is loaded and logs ddl. An Aurora
    cluster has no upgrade log to export.

    Compliant example: enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"], log_statement = "ddl"
    Non-compliant example: no log_statement; its default logs nothing
    Unknown is treated as: no verdict.
    Source: FSBP RDS.36; 23 NYCRR 500.6."""

    control = "CSO_RDS_04"
    check_id = "CSO_RDS_04"
    title = "The database's logs are exported and kept"
    types = ("aws_db_instance", "aws_rds_cluster")

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        is_cluster = resource.type == "aws_rds_cluster"
        logs = LOGS[:1] if is_cluster else LOGS
        for log in logs:
            if log not in resource.strings("enabled_cloudwatch_logs_exports"):
                yield f"enabled_cloudwatch_logs_exports lacks {log!r}"
        place = "cluster" if is_cluster else "instance"
        name = resource.get("cluster_identifier" if is_cluster else "identifier")
        yield from log_groups_kept([f"/aws/rds/{place}/{name}/{log}" for log in logs], plan)
        attribute = "db_cluster_parameter_group_name" if is_cluster else "parameter_group_name"
        groups = plan.of_type("aws_rds_cluster_parameter_group" if is_cluster else "aws_db_parameter_group")
        group = parameter_group(resource, attribute, groups)
        said = {} if group is None else parameters(group)
        audits = "pgaudit" in said.get("shared_preload_libraries", "") and "ddl" in said.get("pgaudit.log", "")
        if said.get("log_statement") not in STATEMENTS and not audits:
            yield f"log_statement is {said.get('log_statement')!r}, and pgaudit logs no ddl"


check = RdsIsAudited()
