"""A serverless namespace has snapshots: AWS's own recovery points end after a day."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import PlanRule, Resource
from policies.plan import Plan

DAYS = 7
DAYS_IN_PRODUCTION = 35


class RedshiftServerlessIsRestorable(PlanRule):
    """Requirement: Redshift Serverless keeps recovery points for 24 hours and cannot be told to keep them longer, so
    the plan has an aws_backup_selection, whose plan keeps them, that names the namespace.

    Compliant example: aws_backup_selection with the namespace's ARN, rule lifecycle delete_after 35
    Non-compliant example: a namespace and no backup
    Unknown is treated as: no verdict.
    Source: 23 NYCRR 500.16; Redshift Management Guide, "Working with snapshots and recovery points"."""

    control = "CSO_RED_06"
    check_id = "CSO_RED_06_SERVERLESS"
    title = "A serverless warehouse is backed up"
    types = ("aws_redshiftserverless_namespace",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        needed = DAYS_IN_PRODUCTION if plan.context.is_production else DAYS
        for selection in plan.of_type("aws_backup_selection"):
            by_reference = any(source.startswith(f"{resource.address}.") for source in selection.sources("resources"))
            if not by_reference and resource.get("arn") not in selection.strings("resources"):
                continue
            for backup in self._plans(selection, plan):
                if any(
                    self._days(rule.block("lifecycle").get("delete_after")) >= needed for rule in backup.blocks("rule")
                ):
                    return
        yield f"no aws_backup_selection names it with a plan that keeps {needed} days"

    @staticmethod
    def _plans(selection: Resource, plan: Plan) -> list[Resource]:
        sources = selection.sources("plan_id")
        known = None if selection.is_unknown("plan_id") else selection.get("plan_id")
        return [
            backup
            for backup in plan.of_type("aws_backup_plan")
            if any(source.startswith(f"{backup.address}.") for source in sources)
            or (known and backup.get("id") == known)
        ]

    @staticmethod
    def _days(value: object) -> int:
        return value if isinstance(value, int) else 0


check = RedshiftServerlessIsRestorable()
