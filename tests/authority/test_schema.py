"""Migrating the authority, and saying what that would do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from authority.client import Authority
from authority.model import SCHEMA, Base
from authority.schema import migrate, pending
from sandbox.postgres import PostgresServer


def test_migrating_twice_changes_nothing(url: str) -> None:
    migrate(url)


def test_what_would_be_migrated_is_named_and_not_done(server: PostgresServer, url: str) -> None:
    assert pending(url) == []
    empty = server.url(server.ensure_database("not_migrated"))
    assert pending(empty)[0].startswith("0001 The authority's first schema")
    assert pending(empty), "looking has migrated it"


def test_roles_log_in_by_iam_where_there_is_rds(server: PostgresServer) -> None:
    server.ensure_database("like_rds")
    with psycopg.connect(server.dsn("like_rds"), autocommit=True) as connection:
        connection.execute("CREATE ROLE rds_iam NOLOGIN")
        migrate(server.url("like_rds"))
        granted = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolcanlogin AND pg_has_role(oid, 'rds_iam', 'member') "
            "AND rolname LIKE 'sluice%' ORDER BY 1"
        ).fetchall()
        connection.execute("DROP ROLE rds_iam")
    assert granted == [("sluice_publisher",), ("sluice_reader",)]


def test_two_callers_migrate_at_once(server: PostgresServer) -> None:
    url = server.url(server.ensure_database("raced"))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, [url] * 4))
    authority = Authority(url)
    assert authority.datasets() == []
    authority.close()


def test_tables_are_what_the_model_says(url: str) -> None:
    def ours(name: str | None, kind: str, _parents: Any) -> bool:
        return kind != "schema" or name == SCHEMA

    engine = create_engine(url)
    with engine.connect() as connection:
        options = {
            "include_schemas": True,
            "include_name": ours,
            "compare_server_default": True,
            "version_table_schema": SCHEMA,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()
