"""The authority's first schema: tables, functions, immutability, views, roles."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

SQL = Path(__file__).parent.parent / "sql" / revision
IN_ORDER = ("tables.sql", "open_run.sql", "publish.sql", "superseded.sql", "views.sql", "roles.sql")


def upgrade() -> None:
    """Run the SQL files of this revision; each is one script, run as it stands."""
    for name in IN_ORDER:
        script = (SQL / name).read_text(encoding="utf-8")
        op.get_bind().exec_driver_sql(script.replace("%", "%%"))  # the driver takes a single % for a placeholder


def downgrade() -> None:
    """Refuse: published versions are never dropped."""
    raise NotImplementedError(
        "the first revision of the authority has nothing to go back to; restore a snapshot instead"
    )
