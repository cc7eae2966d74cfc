"""In production AWS restores the database from its backups every month or two, to see that it can."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.check import NotApplicable, PlanRule, Resource
from policies.plan import Plan

DAY = r"(?:[1-9]|1\d|2[0-8])"
OFTEN = re.compile(rf"cron\(\S+ \S+ (?:\*|\?|{DAY}(?:,{DAY})*) (?:\*|(?:\*|1)/[12]) [^\s#L]+(?: \*)?\)")
"""At least every second month, which is 62 days: every third month can be 92. A day that some months have not, such as
a fifth Sunday, is none."""


class RdsRestoreIsTested(PlanRule):
    """Requirement: in production an aws_backup_restore_testing_selection names the database, under a restore testing
    plan that runs at least every second month, so that no test is older than 90 days, and takes recovery points from a
    vault of the plan's backups. That the newest test has restored it, and when, is AWS Backup's record and in no plan:
    `sluice drift` asks for it every night, and keeps the answer.

    Compliant example: restore testing plan cron(0 4 ? * SUN *), selection RDS with the instance's ARN
    Non-compliant example: backups that nobody ever restored
    Unknown is treated as: no verdict, unless it is made of the database.
    Source: 23 NYCRR 500.16; NAIC 668 4(D)(2)(j)."""

    control = "CSO_RDS_03"
    check_id = "CSO_RDS_03_RESTORE"
    title = "Restoring the database is tested"
    types = ("aws_db_instance", "aws_rds_cluster")

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        if not plan.context.is_production:
            raise NotApplicable("the control is about production")
        kind = "RDS" if resource.type == "aws_db_instance" else "Aurora"
        vaults = {
            rule.get("target_vault_name") for item in plan.of_type("aws_backup_plan") for rule in item.blocks("rule")
        }
        schedules = {
            item.get("name"): str(item.get("schedule_expression"))
            for item in plan.of_type("aws_backup_restore_testing_plan")
            if _restores_from(item, vaults)
        }
        for selection in plan.of_type("aws_backup_restore_testing_selection"):
            by_reference = any(
                source.startswith(f"{resource.address}.") for source in selection.sources("protected_resource_arns")
            )
            if not by_reference and resource.get("arn") not in selection.strings("protected_resource_arns"):
                continue
            schedule = schedules.get(selection.get("restore_testing_plan_name"), "")
            if selection.get("protected_resource_type") == kind and OFTEN.fullmatch(schedule):
                return
        yield "no aws_backup_restore_testing_selection restores it at least every second month"


def _restores_from(testing: Resource, vaults: set[str]) -> bool:
    """Tell whether a restore testing plan takes recovery points of a vault to which this plan's backups go."""
    points = testing.block("recovery_point_selection")
    chosen = points.strings("include_vaults")
    unsaid = frozenset({f"{testing.address}.recovery_point_selection.0.exclude_vaults"})
    left_out = [] if points.sources("exclude_vaults") == unsaid else points.strings("exclude_vaults")
    return not left_out and any(name == "*" or name.rpartition(":")[2] in vaults for name in chosen)


check = RdsRestoreIsTested()
