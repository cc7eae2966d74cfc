"""Who waited for another publisher is told as later: hours are the clock's, not the transaction's."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"

SQL = Path(__file__).parent.parent / "sql" / revision
IN_ORDER = ("publish_one.sql", "retire.sql")


def upgrade() -> None:
    """Run the SQL files of this revision; each is one script, run as it stands."""
    for name in IN_ORDER:
        script = (SQL / name).read_text(encoding="utf-8")
        op.get_bind().exec_driver_sql(script.replace("%", "%%"))  # the driver takes a single % for a placeholder


def downgrade() -> None:
    """Refuse: the audit would tell publications in another order than they were made."""
    raise NotImplementedError("the audit would tell the wrong order again; restore a snapshot instead")
