"""Tenants that have ended: nothing new is published for them, and what was published stays readable."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"

SQL = Path(__file__).parent.parent / "sql" / revision
IN_ORDER = ("retirement.sql", "views.sql")


def upgrade() -> None:
    """Run the SQL files of this revision; each is one script, run as it stands."""
    for name in IN_ORDER:
        script = (SQL / name).read_text(encoding="utf-8")
        op.get_bind().exec_driver_sql(script.replace("%", "%%"))  # the driver takes a single % for a placeholder


def downgrade() -> None:
    """Refuse: who retired a tenant, and why, is never dropped."""
    raise NotImplementedError("a tenant that was retired would publish again; restore a snapshot instead")
