"""Columns in Redshift's terms, read from what PostgreSQL says of them, and cells as the Data API returns them.

It must not know statements or files.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql

from sandbox.redshift.refusals import UnsupportedSqlError

# {PostgreSQL's type: (Redshift's name, precision that the Data API reports)}
TYPES = {
    "int2": ("int2", 5),
    "int4": ("int4", 10),
    "int8": ("int8", 19),
    "float4": ("float4", 8),
    "float8": ("float8", 17),
    "bool": ("bool", 1),
    "numeric": ("numeric", 38),
    "varchar": ("varchar", 0),
    "text": ("varchar", 0),
    "name": ("varchar", 0),
    "unknown": ("varchar", 0),
    "bpchar": ("bpchar", 0),
    "date": ("date", 13),
    "time": ("time", 15),
    "timestamp": ("timestamp", 29),
    "timestamptz": ("timestamptz", 35),
}
SIGNED = frozenset({"int2", "int4", "int8", "float4", "float8", "numeric"})
TEXTS = frozenset({"varchar", "bpchar"})


class ParquetError(Exception):
    """A file does not fit a table's columns; the text is close to Redshift's."""


@dataclass(frozen=True)
class Column:
    """A column of a table or a result.

    Attributes:
        type_name: int2, int4, int8, float4, float8, bool, numeric, varchar, bpchar, date, timestamp, timestamptz.
        precision, scale: of numeric; None elsewhere, and where PostgreSQL computed a numeric without bounds.
        length: bytes that varchar and bpchar may hold; None elsewhere.
    """

    name: str
    type_name: str
    precision: int | None = None
    scale: int | None = None
    length: int | None = None

    def __str__(self) -> str:
        if self.type_name == "numeric":
            return f"DECIMAL({self.precision}, {self.scale})"
        return f"{self.type_name.upper()}({self.length})" if self.length else self.type_name.upper()

    def metadata(self) -> dict[str, Any]:
        """Return the column as `ColumnMetadata` of the Data API."""
        return {
            "name": self.name,
            "label": self.name,
            "typeName": self.type_name,
            "nullable": 1,
            "precision": self.precision or self.length or next(p for n, p in TYPES.values() if n == self.type_name),
            "scale": self.scale or 0,
            "length": 0,
            "isSigned": self.type_name in SIGNED,
            "isCaseSensitive": self.type_name in TEXTS,
            "isCurrency": False,
            "schemaName": "",
            "tableName": "",
        }


def table_columns(cursor: psycopg.Cursor[Any], table: str) -> list[Column]:
    """Return the columns of a table, in order.

    Raises:
        psycopg.errors.UndefinedTable: there is no such table.
        UnsupportedSqlError: a column has a type that Redshift does not have.
    """
    cursor.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(sql.Identifier(*table.split("."))))
    return result_columns(cursor)


def result_columns(cursor: psycopg.Cursor[Any]) -> list[Column]:
    """Return the columns of the result that a cursor holds; raises as `table_columns` does."""
    return [_column(described, cursor) for described in cursor.description or []]


def _column(described: psycopg.Column, cursor: psycopg.Cursor[Any]) -> Column:
    kind = cursor.adapters.types.get(described.type_code)
    postgres_type = kind.name if kind else f"with oid {described.type_code}"
    if postgres_type not in TYPES:
        raise UnsupportedSqlError(f"the type {postgres_type} of column {described.name!r}")
    type_name = TYPES[postgres_type][0]
    if type_name == "numeric":
        return Column(described.name, type_name, precision=described.precision, scale=described.scale)
    return Column(described.name, type_name, length=described.display_size if type_name in TEXTS else None)


def cell(value: object) -> dict[str, Any]:
    """Return a value as a `Field` of the Data API: numerics, dates and times are strings, as from Redshift."""
    if value is None:
        return {"isNull": True}
    if isinstance(value, bool):
        return {"booleanValue": value}
    if isinstance(value, int):
        return {"longValue": value}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"stringValue": _text(value)}


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
