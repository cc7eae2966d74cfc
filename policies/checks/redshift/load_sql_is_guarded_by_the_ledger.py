"""A load that ran already changes nothing: each write asks the ledger first, and the last one enters the version."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from policies.artefacts.sql import WarehouseSql
from policies.artefacts.warehouse_statements import conditions, entered, equals, is_absent_from, kind_of, name_of
from policies.check import ArtefactCheck, NotApplicable

VERSION, AS_OF = "${version_id}", "${as_of}"


class LoadSqlIsGuardedByTheLedger(ArtefactCheck):
    """Requirement: in a load, each DELETE and INSERT has `NOT EXISTS (SELECT … FROM load_ledger WHERE version_id =
    '${version_id}')` among its conditions, a DELETE also the business date, and the last statement enters the version
    in the ledger; so a second run of the same version changes nothing.

    Compliant example: DELETE FROM annuity.policy WHERE as_of = '${as_of}' AND NOT EXISTS (SELECT 1 FROM …)
    Non-compliant example: DELETE FROM annuity.policy WHERE as_of = '${as_of}' OR NOT EXISTS (…)
    Unknown is treated as: no verdict, as is SQL that cannot be parsed.
    Source: SOC 2 PI1.2 to PI1.5."""

    control = "CSO_RED_07"
    check_id = "CSO_RED_07_LEDGER"
    title = "A version is loaded once"
    artefact = "warehouse_sql"

    def judge(self, artefact: WarehouseSql) -> Iterator[tuple[str, int]]:
        if artefact.part in ("ddl", "reports", "readers"):
            raise NotApplicable("no load")
        ledger = f"{artefact.schema}.load_ledger"
        for statement in artefact.statements:
            tree = statement.tree
            if not isinstance(tree, exp.Delete | exp.Insert | exp.Update | exp.Merge):
                continue
            asked = conditions(tree.expression if isinstance(tree, exp.Insert) else tree)
            if not any(is_absent_from(condition, ledger, "version_id", VERSION) for condition in asked):
                yield f"{kind_of(statement)} does not ask {ledger} for the version", statement.line
            if isinstance(tree, exp.Delete) and not any(equals(condition, "as_of", AS_OF) for condition in asked):
                yield "DELETE of other dates than this run's", statement.line
        tree = artefact.statements[-1].tree if artefact.statements else exp.Null()
        if name_of(tree.this) != ledger or entered(tree).get("version_id") != VERSION:
            yield f"the last statement does not enter the version in {ledger}", artefact.text.count("\n")


check = LoadSqlIsGuardedByTheLedger()
