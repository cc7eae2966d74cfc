"""The database can be restored to any minute of two weeks, of five in production."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck

DAYS = 14
DAYS_IN_PRODUCTION = 35


class RdsIsRestorable(ResourceCheck):
    """Requirement: point-in-time recovery reaches back at least 14 days, 35 in production; snapshots carry the tags; in
    production the automatic backups outlive the instance.

    Compliant example: backup_retention_period = 35, copy_tags_to_snapshot, delete_automated_backups = false
    Non-compliant example: backup_retention_period = 7
    Unknown is treated as: no verdict.
    Source: FSBP RDS.11, RDS.16; 23 NYCRR 500.16; NAIC 668 4(D)(2)(j)."""

    control = "CSO_RDS_03"
    check_id = "CSO_RDS_03"
    title = "The database is restorable to any minute"
    types = ("aws_db_instance", "aws_rds_cluster")

    def judge(self, resource: Resource) -> Iterator[str]:
        is_production = resource.context.is_production
        needed = DAYS_IN_PRODUCTION if is_production else DAYS
        days = resource.get("backup_retention_period")
        if not isinstance(days, int) or isinstance(days, bool) or days < needed:
            yield f"backup_retention_period is {days!r}, not {needed} or more"
        if resource.get("copy_tags_to_snapshot") is not True:
            yield f"copy_tags_to_snapshot is {resource.get('copy_tags_to_snapshot')!r}, not true"
        if is_production and resource.get("delete_automated_backups") is not False:
            yield f"delete_automated_backups is {resource.get('delete_automated_backups')!r}, not false"


check = RdsIsRestorable()
