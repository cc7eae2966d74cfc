"""A load runs whole or not at all: it locks first, and holds nothing that commits."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.sql import WarehouseSql
from policies.artefacts.warehouse_statements import kind_of
from policies.check import ArtefactCheck, Undecided

KINDS = {
    "load": ("LOCK", "CREATE TEMPORARY TABLE", "COPY", "SELECT", "DELETE", "INSERT"),
    "ddl": ("CREATE SCHEMA", "CREATE TABLE"),
    "reports": ("CREATE VIEW",),
    "readers": ("GRANT",),
}


class LoadSqlIsOneTransaction(ArtefactCheck):
    """Requirement: a script holds only statements of its part. A load takes its lock first, so that two loads of a
    tenant wait for each other; TRUNCATE and ALTER TABLE APPEND commit what came before them, COMMIT and BEGIN cut the
    transaction of the Data API, DROP, GRANT, UNLOAD and CALL do what no load needs: none of them may stand there. DDL
    and reports only create; the script that lets readers in only grants.

    Compliant example: LOCK annuity.load_ledger; CREATE TEMP TABLE …; COPY …; DELETE …; INSERT …
    Non-compliant example: TRUNCATE annuity.policy; COPY annuity.policy …
    Unknown is treated as: no verdict, as is SQL that cannot be parsed.
    Source: SOC 2 PI1.2 to PI1.5; Redshift Database Developer Guide, "TRUNCATE", "ALTER TABLE APPEND"."""

    control = "CSO_RED_07"
    check_id = "CSO_RED_07"
    title = "A load is one transaction that locks first"
    artefact = "warehouse_sql"

    def judge(self, artefact: WarehouseSql) -> Iterator[tuple[str, int]]:
        if artefact.part not in KINDS:
            raise Undecided(f"{artefact.path} is of no known part of the warehouse's SQL")
        if not artefact.statements:
            raise Undecided(f"{artefact.path} holds no statement")
        for statement in artefact.statements:
            if kind_of(statement) not in KINDS[artefact.part]:
                yield f"{kind_of(statement)} in {artefact.part}", statement.line
        first = artefact.statements[0]
        if artefact.part == "load":
            locked = first.words[-1].strip("'").removeprefix("TABLE ").replace('"', "")
            if kind_of(first) != "LOCK" or locked != f"{artefact.schema}.load_ledger":
                yield f"the first statement does not lock {artefact.schema}.load_ledger", first.line


check = LoadSqlIsOneTransaction()
