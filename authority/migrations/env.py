"""Run migrations on the connection that `authority.schema.migrate` hands over, in one transaction."""

from __future__ import annotations

from alembic import context

from authority.model import SCHEMA, Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table_schema=SCHEMA,
    include_schemas=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
