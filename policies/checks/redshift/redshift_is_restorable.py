"""A cluster's snapshots are kept long enough, and deleting it leaves a last one."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck

DAYS = 7
DAYS_IN_PRODUCTION = 35


class RedshiftIsRestorable(ResourceCheck):
    """Requirement: automatic snapshots are kept at least 7 days, 35 in production, where a final snapshot is taken too.

    Compliant example: automated_snapshot_retention_period = 35, skip_final_snapshot = false
    Non-compliant example: automated_snapshot_retention_period = 1, which is AWS's default
    Unknown is treated as: no verdict.
    Source: FSBP Redshift.3; 23 NYCRR 500.16."""

    control = "CSO_RED_06"
    check_id = "CSO_RED_06"
    title = "A cluster's snapshots are kept"
    types = ("aws_redshift_cluster",)

    def judge(self, resource: Resource) -> Iterator[str]:
        is_production = resource.context.is_production
        needed = DAYS_IN_PRODUCTION if is_production else DAYS
        days = resource.get("automated_snapshot_retention_period")
        if not isinstance(days, int) or isinstance(days, bool) or days < needed:
            yield f"automated_snapshot_retention_period is {days!r}, not {needed} or more"
        if is_production and resource.get("skip_final_snapshot") is not False:
            yield f"skip_final_snapshot is {resource.get('skip_final_snapshot')!r}, not false"


check = RedshiftIsRestorable()
