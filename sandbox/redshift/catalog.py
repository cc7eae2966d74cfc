"""What Redshift's catalogue has and PostgreSQL's has not: roles of one warehouse, and views under Redshift's names.

Knows SQL of both; it must not know how a statement is run.
"""

from __future__ import annotations

import re

SCHEMA = "sluice_sandbox"
VIEWS = frozenset({"svv_roles", "svv_schema_privileges", "svv_columns"})
"""Views of Redshift that exist here, in SCHEMA."""
CREATE_ROLE = re.compile(r"CREATE\s+ROLE\s+(?P<name>\"(?:[^\"]|\"\")+\"|\w+)", re.IGNORECASE)

# Roles are the whole server's in PostgreSQL, and one warehouse's in Redshift: a warehouse has those that it made.
DEFINITIONS = (
    "CREATE TABLE IF NOT EXISTS sluice_sandbox.svv_roles (role_name text PRIMARY KEY)",
    """CREATE OR REPLACE PROCEDURE sluice_sandbox.create_role(wanted text) LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM sluice_sandbox.svv_roles WHERE role_name = wanted) THEN
        RAISE duplicate_object USING MESSAGE = format('role "%s" already exists', wanted);
    END IF;
    INSERT INTO sluice_sandbox.svv_roles VALUES (wanted);
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
    END IF;
END $$""",
    """CREATE OR REPLACE VIEW sluice_sandbox.svv_schema_privileges AS
SELECT nspname::text AS namespace_name, acl.privilege_type, rolname::text AS identity_name,
    CASE WHEN rolcanlogin THEN 'user' ELSE 'role' END AS identity_type
FROM pg_namespace, aclexplode(nspacl) AS acl JOIN pg_roles ON pg_roles.oid = acl.grantee
WHERE rolcanlogin OR rolname IN (SELECT role_name FROM sluice_sandbox.svv_roles)""",
    "CREATE OR REPLACE VIEW sluice_sandbox.svv_columns AS SELECT * FROM information_schema.columns",
)
"""Statements that make them in a warehouse's database; repeating them changes nothing."""


def role_creation(sql: str) -> str | None:
    """Return PostgreSQL for `CREATE ROLE name`, or None for any other statement."""
    match = CREATE_ROLE.fullmatch(sql.strip())
    if match is None:
        return None
    name = match["name"].strip('"').replace('""', '"').lower()  # Redshift folds quoted names too
    literal = name.replace("'", "''")
    return f"CALL {SCHEMA}.create_role('{literal}')"
