"""Migrations make roles that log in and nothing more."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.postgres_statements import Right, Role, read
from policies.artefacts.sql import Migration
from policies.check import ArtefactCheck

HARMLESS = frozenset({"INHERIT", "LOGIN", "NOINHERIT", "NOLOGIN", "WITH"}) | {
    f"NO{power}" for power in ("BYPASSRLS", "CREATEDB", "CREATEROLE", "REPLICATION", "SUPERUSER")
}
MEMBERSHIPS = frozenset({"rds_iam"})


class MigrationRolesHaveNoPower(ArtefactCheck):
    """Requirement: roles of the authority are neither superuser nor may they make roles or databases, replicate or pass
    row security; they have no password and belong to no role but rds_iam, by which they log in through IAM.

    Compliant example: CREATE ROLE sluice_reader LOGIN
    Non-compliant example: CREATE ROLE sluice_publisher LOGIN CREATEROLE; GRANT rds_superuser TO sluice_publisher
    Unknown is treated as: no verdict, as is a statement that the gate does not read.
    Source: SOC 2 CC6.3; PostgreSQL, "CREATE ROLE"."""

    control = "CSO_RDS_05"
    check_id = "CSO_RDS_05"
    title = "The authority's roles have no power over the server"
    artefact = "migration"

    def judge(self, artefact: Migration) -> Iterator[tuple[str, int]]:
        for statement in artefact.statements:
            found = read(statement, artefact.path)
            if isinstance(found, Role):
                for option in found.options:
                    if option == "PASSWORD":
                        yield f"role {found.name!r} gets a password", statement.line
                        break  # never print what follows
                    if option not in HARMLESS:
                        yield f"role {found.name!r} gets {option}", statement.line
            if isinstance(found, Right) and found.is_grant and found.kind == "ROLE":
                for role in found.privileges:
                    if role not in MEMBERSHIPS or found.with_option:
                        yield f"{', '.join(found.grantees)} becomes member of {role!r}", statement.line


check = MigrationRolesHaveNoPower()
