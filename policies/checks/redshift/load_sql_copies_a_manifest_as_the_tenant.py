"""A load copies the manifest of one published version, with the tenant's own role, and skips no row."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.sql import WarehouseSql
from policies.artefacts.warehouse_statements import copies, temporary_tables
from policies.check import ArtefactCheck, Context, Undecided

SOURCE = "${location}_redshift.manifest"
OPTIONS = {"FORMAT": "PARQUET", "MANIFEST": ""}


class LoadSqlCopiesAManifestAsTheTenant(ArtefactCheck):
    """Requirement: COPY stands in load scripts alone, once each, fills a temporary table, reads the manifest at the
    version's place, and assumes the tenant's load role through the warehouse's role; no keys, no default role, and no
    option by which a row is skipped or altered (MAXERROR, TRUNCATECOLUMNS …).

    Compliant example: COPY stage_policy FROM '${location}_redshift.manifest' IAM_ROLE '…warehouse,…warehouse-load' …
    Non-compliant example: COPY annuity.policy FROM 's3://meridian-prod-annuity-curated/policy/' IAM_ROLE default
    Unknown is treated as: no verdict, as is SQL that cannot be parsed.
    Source: SOC 2 PI1.2 to PI1.5; 23 NYCRR 500.7."""

    control = "CSO_RED_07"
    check_id = "CSO_RED_07_COPY"
    title = "A load copies one version's manifest with the tenant's role"
    artefact = "warehouse_sql"

    def judge(self, artefact: WarehouseSql) -> Iterator[tuple[str, int]]:
        found = list(copies(artefact))
        if len(found) != (1 if artefact.part == "load" else 0):
            yield f"{len(found)} COPY statements in {artefact.path.rpartition('/')[2]!r}", 1
        roles = _roles(artefact.context)
        for copy, line in found:
            if copy.table not in temporary_tables(artefact):
                yield f"COPY fills {copy.table!r}, no temporary table of this script", line
            if copy.sources != (SOURCE,):
                yield f"COPY reads {copy.sources!r}, not {SOURCE!r}", line
            if copy.role != roles or copy.has_credentials:
                yield f"COPY assumes {copy.role or 'no named role'!r}, not {roles!r}", line
            if copy.options != OPTIONS:
                yield f"COPY with {copy.options!r}, not FORMAT PARQUET MANIFEST", line


def _roles(context: Context) -> str:
    if not context.account_id or not context.organisation:
        raise Undecided("the environment's account or organisation is not known, so neither are the roles")
    roles = f"arn:aws:iam::{context.account_id}:role"
    platform = context.platform_name
    return f"{roles}/{platform}-warehouse,{roles}/tenant/{context.stack}/{context.name}-warehouse-load"


check = LoadSqlCopiesAManifestAsTheTenant()
