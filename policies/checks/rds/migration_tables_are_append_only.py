"""What the authority has recorded is never changed: each table has its guard, and nothing takes one away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from policies.artefacts.postgres_statements import Other, Routine, Trigger, only_adds, read
from policies.artefacts.sql import Migration
from policies.artefacts.warehouse_statements import name_of
from policies.check import ArtefactCheck

GUARD = "authority.refuse_change"
POINTER = "authority.current_version"
RAISES = re.compile(r"\s*BEGIN\s+RAISE\s+EXCEPTION\b[^;]*;\s*END;?\s*", re.IGNORECASE)


class MigrationTablesAreAppendOnly(ArtefactCheck):
    """Requirement: the file that makes a table makes its triggers, which refuse UPDATE, DELETE and TRUNCATE; of the
    pointer, current_version, which moves inside the publisher's function, DELETE and TRUNCATE. The refusing function
    raises and does nothing else. A migration only makes and adds: it writes no row, drops nothing, changes no column.

    Compliant example: CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON authority.version FOR EACH ROW EXECUTE …
    Non-compliant example: ALTER TABLE authority.version DISABLE TRIGGER no_change
    Unknown is treated as: no verdict, as is a statement that the gate does not read.
    Source: SOC 2 PI1; NAIC 668 4(D)(2)(i)."""

    control = "CSO_RDS_05"
    check_id = "CSO_RDS_05_TABLES"
    title = "The authority's tables are append-only"
    artefact = "migration"

    def judge(self, artefact: Migration) -> Iterator[tuple[str, int]]:
        guarded: dict[str, set[str]] = {}
        tables: dict[str, int] = {}
        for statement in artefact.statements:
            words = [word.upper() for word in statement.words]
            if words[0] == "ALTER" and "TRIGGER" in words:
                yield f"{' '.join(statement.words)}: a guard is changed", statement.line
                continue
            found = read(statement, artefact.path)
            if isinstance(found, Other) and not only_adds(found.tree):
                yield f"{' '.join(statement.words[:6])} … changes what is there", statement.line
            if isinstance(found, Other) and isinstance(found.tree, exp.Create) and found.tree.kind == "TABLE":
                tables[name_of(found.tree.this)] = statement.line
            if isinstance(found, Routine) and found.name == GUARD and not RAISES.fullmatch(found.body):
                yield f"{GUARD} does something else than raise", statement.line
            if isinstance(found, Trigger) and found.timing == "BEFORE" and found.function == GUARD:
                by_row = found.events - {"TRUNCATE"} if found.level == "ROW" else found.events & {"TRUNCATE"}
                guarded.setdefault(found.table, set()).update(() if found.is_conditional else by_row)
        for table, line in tables.items():
            needed = {"DELETE", "TRUNCATE"} | ({"UPDATE"} if table != POINTER else set())
            for event in sorted(needed - guarded.get(table, set())):
                yield f"{table} has no trigger in this file that refuses {event}", line


check = MigrationTablesAreAppendOnly()
