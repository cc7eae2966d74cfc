"""Bring the authority's schema up to date, or say what that would do. It must not know who asks it what."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from authority.connection import engine_for
from authority.model import SCHEMA

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(url: str) -> None:
    """Create or upgrade the schema `authority`. Safe to call again, and by two callers at once.

    Args:
        url: SQLAlchemy URL of a login that owns the schema, `postgresql+psycopg://…`.

    Raises:
        AuthorityUnreachable: the database does not answer.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine_for(url) as engine, engine.begin() as connection:
        # one migration at a time: the second caller waits here and then finds nothing to do
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('authority.migrate', 0))"))
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def pending(url: str) -> list[str]:
    """Return the migrations that `migrate` would run, `<revision> <what it says of itself>`, the oldest first.

    Raises:
        AuthorityUnreachable: the database does not answer.
    """
    with engine_for(url) as engine, engine.connect() as connection:
        done = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA}).get_current_heads()
    waiting = list(ScriptDirectory(str(MIGRATIONS)).iterate_revisions("heads", done or "base"))
    return [f"{script.revision} {script.doc}" for script in reversed(waiting)]
