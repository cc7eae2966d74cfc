"""A tenant's SQL names tables of its own schema, and temporary ones of its own script."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from policies.artefacts.sql import WarehouseSql
from policies.artefacts.warehouse_statements import kind_of, name_of, temporary_tables
from policies.check import ArtefactCheck


class WarehouseSqlStaysInItsSchema(ArtefactCheck):
    """Requirement: DDL, loads and reports of a tenant, which one database user runs for all of them, read and write
    only the tenant's schema: each table and view is named with it, or is a temporary table or a WITH of the same
    script. No function of another schema, no other database, no catalogue of the system's.

    Compliant example: CREATE VIEW annuity.block_movement AS SELECT … FROM annuity.block_summary
    Non-compliant example: CREATE VIEW annuity.all_claims AS SELECT * FROM claims.payment
    Unknown is treated as: no verdict, as is SQL that cannot be parsed.
    Source: 23 NYCRR 500.7; SOC 2 CC6.1."""

    control = "CSO_RED_07"
    check_id = "CSO_RED_07_SCHEMA"
    title = "A tenant's SQL stays in the tenant's schema"
    artefact = "warehouse_sql"

    def judge(self, artefact: WarehouseSql) -> Iterator[tuple[str, int]]:
        for statement in artefact.statements:
            tree, schema = statement.tree, artefact.schema
            if isinstance(tree, exp.Command) and kind_of(statement) != "LOCK":
                yield f"{kind_of(statement)} does what cannot be told", statement.line
            own = temporary_tables(artefact) | {item.alias.lower() for item in tree.find_all(exp.CTE)}
            if kind_of(statement) == "CREATE SCHEMA" or tree.args.get("kind") == "SCHEMA":
                own = frozenset({schema})
            for table in tree.find_all(exp.Table):
                home, _, name = name_of(table).rpartition(".")
                if home != schema and (home or name not in own):
                    yield f"{table.sql(dialect='redshift')!r} is not in schema {schema!r}", statement.line
            for dot in tree.find_all(exp.Dot):
                if isinstance(dot.expression, exp.Func):
                    yield f"{dot.sql(dialect='redshift')!r} is a function of another schema", statement.line


check = WarehouseSqlStaysInItsSchema()
