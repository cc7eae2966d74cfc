"""A function that runs with its owner's rights is closed: own search path, plain statements, not everybody's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.artefacts.postgres_statements import Right, Routine, read
from policies.artefacts.sql import Migration
from policies.check import ArtefactCheck

SEARCH_PATH = ("pg_catalog", "pg_temp")
DYNAMIC = re.compile(r"\bEXECUTE\b", re.IGNORECASE)
UNLOCKS = re.compile(r"\b(?:DISABLE|DROP)\s+(?:ALWAYS\s+)?TRIGGER\b|\bsession_replication_role\b", re.IGNORECASE)


class MigrationFunctionsAreClosed(ArtefactCheck):
    """Requirement: a SECURITY DEFINER function sets search_path to pg_catalog, pg_temp (else its caller chooses the
    tables), builds no statement while it runs, and is taken from PUBLIC in the same file, for everybody may run a new
    function. No function switches triggers off.

    Compliant example: SECURITY DEFINER SET search_path = pg_catalog, pg_temp; REVOKE ALL ON FUNCTION … FROM PUBLIC
    Non-compliant example: SECURITY DEFINER without SET search_path
    Unknown is treated as: no verdict, as is a statement that the gate does not read.
    Source: PostgreSQL, "Writing SECURITY DEFINER functions safely"; SOC 2 CC6.3."""

    control = "CSO_RDS_05"
    check_id = "CSO_RDS_05_FUNCTIONS"
    title = "Functions with their owner's rights are closed"
    artefact = "migration"

    def judge(self, artefact: Migration) -> Iterator[tuple[str, int]]:
        found = [(read(statement, artefact.path), statement.line) for statement in artefact.statements]
        taken = {
            name
            for item, _ in found
            if isinstance(item, Right) and not item.is_grant and item.kind == "FUNCTION" and "public" in item.grantees
            for name in item.objects
        }
        for item, line in found:
            if not isinstance(item, Routine):
                continue
            if UNLOCKS.search(item.body):
                yield f"{item.name} switches triggers off", line
            if item.is_definer:
                if item.search_path != SEARCH_PATH:
                    yield f"{item.name}: search_path is {item.search_path!r}, not {SEARCH_PATH!r}", line
                if DYNAMIC.search(item.body):
                    yield f"{item.name} builds statements while it runs (EXECUTE)", line
                if item.name not in taken:
                    yield f"{item.name} is not revoked from PUBLIC in this file", line


check = MigrationFunctionsAreClosed()
