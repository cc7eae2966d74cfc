"""COPY and UNLOAD carried out: Parquet objects into a table, a query's rows into a Parquet object.

Runs inside a transaction that someone else opened and will end.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql as composed

from sandbox.redshift import storage
from sandbox.redshift.access import check_object
from sandbox.redshift.columns import Column, result_columns, table_columns
from sandbox.redshift.commands import CommandError, CopyCommand, UnloadCommand
from sandbox.redshift.sql import Kind, translate


def run_copy(cursor: psycopg.Cursor[Any], command: CopyCommand, role: Any) -> int:
    """Load the objects that a COPY means, reading them as a role; returns the number of rows.

    Raises:
        AccessError, StorageError, ParquetError, CommandError: what is named may not be read, does not exist or does
            not fit.
        psycopg.Error: the table does not exist, or refuses a row (NOT NULL).
    """
    columns = _target_columns(cursor, command)
    objects = storage.objects_of_manifest if command.is_manifest else storage.objects_of_prefix
    target = composed.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv)").format(
        composed.Identifier(*command.table.split(".")),
        composed.SQL(", ").join(composed.Identifier(column.name) for column in columns),
    )
    from sandbox.redshift.parquet import rows_as_csv  # noqa: PLC0415  # spares a start 60 MB, 0.4 s

    rows = 0
    if command.is_manifest:
        check_object(role, "s3:GetObject", command.source.bucket, command.source.key)
    with cursor.copy(target) as copy:
        for location, content in objects(command.source):
            check_object(role, "s3:GetObject", location.bucket, location.key)
            for text, count in rows_as_csv(content, columns, str(location)):
                copy.write(text)
                rows += count
    return rows


def _target_columns(cursor: psycopg.Cursor[Any], command: CopyCommand) -> list[Column]:
    columns = {column.name: column for column in table_columns(cursor, command.table)}
    unknown = [name for name in command.columns if name not in columns]
    if unknown:
        raise CommandError(f'column "{unknown[0]}" of relation "{command.table}" does not exist')
    return [columns[name] for name in command.columns or columns]


def run_unload(cursor: psycopg.Cursor[Any], command: UnloadCommand, role: Any) -> int:
    """Write a query's rows as one Parquet object, as a role; returns their number.

    Raises:
        CommandError: there are objects under the target already, and ALLOWOVERWRITE is not given.
    """
    if not command.may_overwrite and storage.under(command.target):
        raise CommandError(
            "Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually"
            " removing the target files in S3, or using the ALLOWOVERWRITE option."
        )
    from sandbox.redshift.parquet import as_parquet  # noqa: PLC0415  # as in run_copy

    query = translate(command.query)
    if query.kind is not Kind.QUERY or query.parameters:
        raise CommandError("UNLOAD needs a SELECT without parameters")
    cursor.execute(query.text.encode())
    if cursor.description is None:
        raise CommandError("UNLOAD needs a SELECT; this statement has no rows")
    columns = [_bounded(column, position) for position, column in enumerate(result_columns(cursor))]
    rows = cursor.fetchall()
    target = storage.Location(command.target.bucket, f"{command.target.key}0000_part_00.parquet")
    check_object(role, "s3:PutObject", target.bucket, target.key)
    storage.write(target, as_parquet(columns, rows))
    return len(rows)


def _bounded(column: Column, position: int) -> Column:
    """Refuse a computed numeric without a scale: Redshift would derive one, and a guess could lose digits."""
    if column.type_name == "numeric" and column.scale is None:
        raise CommandError(f"column {position + 1} ({column.name}) of UNLOAD is a numeric without scale; CAST it")
    return column
