"""Let the readers that a tenant's spec names into its schema of the warehouse, and nobody else.

Decides which roles are made, let in and shut out. What a reader may read, the rendered SQL says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from airflow.sdk import Context

from dags.compat import AirflowFailException
from dags.statements import read_statements
from dags.warehouse import WarehouseOperator


class GrantReadersOperator(WarehouseOperator):
    """Grant what `readers.sql` says, take USAGE of the schema from every other role, and return the readers.

    Without USAGE of its schema nothing in it can be read, whatever a role was granted there before. A role that is not
    there yet is made: it stands for a group, and has no member until someone of the group logs in.

    Args:
        schema: the tenant's.
        roles: database roles that may read; `readers.sql` is read if there are any.
    """

    def __init__(self, *, schema: str, roles: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.schema, self.roles = schema, roles

    def execute(self, context: Context) -> list[str]:
        grants = read_statements(Path(self.sql_folder) / "readers.sql") if self.roles else []
        unnamed = [role for role in self.roles if not any(_quoted(role) in statement for statement in grants)]
        if unnamed:
            raise AirflowFailException(f"{self.sql_folder}/readers.sql grants nothing to {', '.join(unnamed)}")
        known = self._names("SELECT role_name FROM svv_roles", "roles")
        inside = self._names(
            "SELECT DISTINCT identity_name FROM svv_schema_privileges "  # noqa: S608 -- the schema is rendered
            f"WHERE namespace_name = '{self.schema}' AND identity_type = 'role' AND privilege_type = 'USAGE'",
            "inside",
        )
        made = [f"CREATE ROLE {_quoted(role)}" for role in self.roles if role not in known]
        gone = sorted(inside - set(self.roles))
        shut = [f"REVOKE USAGE ON SCHEMA {_quoted(self.schema)} FROM ROLE {_quoted(role)}" for role in gone]
        self.warehouse.run([*made, *shut, *grants], f"{self.dag_id}/readers")
        self.log.info("readers of %s: %s; shut out: %s", self.schema, self.roles or "nobody", gone or "nobody")
        return self.roles

    def _names(self, query: str, name: str) -> set[str]:
        return {str(row[0]) for row in self.warehouse.rows(query, f"{self.dag_id}/{name}")}


def _quoted(name: str) -> str:
    """Return a name as an identifier, also one that somebody else chose."""
    return '"' + name.replace('"', '""') + '"'
