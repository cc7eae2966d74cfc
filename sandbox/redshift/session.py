"""One statement of the Data API run against PostgreSQL: a connection, a serializable transaction, its end.

Turns every expected failure into the text that Redshift's user would read; it must not know HTTP.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql as composed

from sandbox.redshift import catalog
from sandbox.redshift.access import AccessError, assume_role_chain
from sandbox.redshift.columns import ParquetError, result_columns
from sandbox.redshift.commands import CommandError, parse_copy, parse_unload
from sandbox.redshift.copy import run_copy, run_unload
from sandbox.redshift.refusals import UnsupportedSqlError
from sandbox.redshift.sql import Kind, SqlSyntaxError, split, translate
from sandbox.redshift.statements import NO_ROWS, Part, Statement
from sandbox.redshift.storage import StorageError

CATALOG_LOCK = composed.Identifier("sluice_sandbox", "catalog_lock")
CANCELLED = "Query cancelled on user's request"
SERIALIZATION_FAILURE = "1023\n  Detail: Serializable isolation violation on table in Redshift"


class StatementCancelled(Exception):
    """Somebody cancelled a statement between two of its parts."""


MISTAKES = (
    StatementCancelled,
    AccessError,
    CommandError,
    ParquetError,
    StorageError,
    SqlSyntaxError,
    UnsupportedSqlError,
)


def prepare_database(dsn: str) -> None:
    """Make what a warehouse database needs: the lock by which DDL takes its turn, and Redshift's catalogue."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS sluice_sandbox")
        connection.execute(composed.SQL("CREATE TABLE IF NOT EXISTS {} ()").format(CATALOG_LOCK))
        for definition in catalog.DEFINITIONS:
            connection.execute(definition.encode())


def run_statement(statement: Statement, cluster: Any, dsn: Callable[[], str]) -> None:
    """Run a statement to its end, in one transaction; what came of it is in the statement.

    Args:
        statement: as submitted.
        cluster: moto's cluster, for the roles attached to it.
        dsn: returns libpq's connection string of the database, made if need be.
    """
    current: Part | None = None
    try:
        with psycopg.connect(dsn()) as connection:
            connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
            statement.backend_pid = connection.info.backend_pid
            statement.whole.move("STARTED")
            with connection.cursor() as cursor:
                for part in statement.parts:
                    current = part
                    part.move("STARTED")
                    if statement.is_cancelled:
                        raise StatementCancelled(CANCELLED)
                    _run_part(cursor, part, statement, cluster)
                    if part is not statement.whole:  # the whole has finished only once it is committed
                        part.move("FINISHED")
            current = None
    except psycopg.Error as error:
        statement.fail(current, f"ERROR: {_describe(error)}")
    except MISTAKES as mistake:
        statement.fail(current, f"ERROR: {mistake}")
    else:
        statement.whole.move("FINISHED")


def _run_part(cursor: psycopg.Cursor[Any], part: Part, statement: Statement, cluster: Any) -> None:
    texts = split(part.sql)
    if len(texts) != 1:
        raise SqlSyntaxError(f"{len(texts)} statements in one SQL text; send each as its own (BatchExecuteStatement)")
    translated = translate(texts[0])
    if translated.kind is Kind.COPY:
        copy = parse_copy(translated.text)
        part.result_rows = run_copy(cursor, copy, assume_role_chain(cluster, copy.role_arns))
    elif translated.kind is Kind.UNLOAD:
        unload = parse_unload(translated.text)
        part.result_rows = run_unload(cursor, unload, assume_role_chain(cluster, unload.role_arns))
    else:
        if translated.kind is Kind.CATALOG:
            # LOCK takes no snapshot, so what runs after the wait sees what others committed meanwhile.
            cursor.execute(composed.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(CATALOG_LOCK))
        bound = {name: statement.parameters[name] for name in translated.parameters}
        cursor.execute(translated.text.encode(), bound or None)
        part.result_rows = max(cursor.rowcount, NO_ROWS)
        if cursor.description:
            part.columns = result_columns(cursor)
            part.rows = cursor.fetchall()


def _describe(error: psycopg.Error) -> str:
    """Return what PostgreSQL says, in the shape and, for conflicts, in the words of Redshift."""
    if isinstance(error, psycopg.errors.SerializationFailure):
        return SERIALIZATION_FAILURE
    if isinstance(error, psycopg.errors.QueryCanceled):
        return CANCELLED
    diagnostic = error.diag
    message = diagnostic.message_primary or str(error).strip()
    return f"{message}\n  Detail: {diagnostic.message_detail}" if diagnostic.message_detail else message
