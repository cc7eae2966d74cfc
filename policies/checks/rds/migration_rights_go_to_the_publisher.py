"""Migrations let nobody write tables, and only the publisher run functions."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.postgres_statements import Right, read
from policies.artefacts.sql import Migration
from policies.check import ArtefactCheck

PUBLISHER, READER = "sluice_publisher", "sluice_reader"
ALLOWED = {
    ("SCHEMA", "USAGE"): {PUBLISHER, READER},
    ("FUNCTION", "EXECUTE"): {PUBLISHER},
    ("TABLE", "SELECT"): {READER},
}


class MigrationRightsGoToThePublisher(ArtefactCheck):
    """Requirement: versions and the pointer to the current one change only inside functions of the tables' owner, which
    only sluice_publisher may run. So no role is granted INSERT, UPDATE, DELETE or ALL on any table, everybody (PUBLIC)
    nothing, and nobody may grant on.

    Compliant example: GRANT EXECUTE ON FUNCTION authority.publish(uuid, jsonb, text) TO sluice_publisher
    Non-compliant example: GRANT UPDATE ON authority.current_version TO sluice_publisher
    Unknown is treated as: no verdict, as is a statement that the gate does not read.
    Source: SOC 2 CC6.3, PI1."""

    control = "CSO_RDS_05"
    check_id = "CSO_RDS_05_RIGHTS"
    title = "Only the publisher's functions write the authority's tables"
    artefact = "migration"

    def judge(self, artefact: Migration) -> Iterator[tuple[str, int]]:
        for statement in artefact.statements:
            found = read(statement, artefact.path)
            if not isinstance(found, Right) or not found.is_grant or found.kind == "ROLE":
                continue
            for privilege in found.privileges:
                for role in found.grantees:
                    if role not in ALLOWED.get((found.kind, privilege), ()):
                        yield (
                            f"{role} is granted {privilege} on {found.kind} {', '.join(found.objects)}",
                            statement.line,
                        )
            if found.with_option:
                yield f"{', '.join(found.grantees)} may grant it on", statement.line


check = MigrationRightsGoToThePublisher()
