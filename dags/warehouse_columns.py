"""How the warehouse's tables become what a contract says now: columns are added, nothing else is changed.

Decides from the rendered DDL and the columns that the warehouse has. It must not know who runs statements.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dags.compat import AirflowFailException

TABLE = re.compile(r'CREATE TABLE IF NOT EXISTS "(?P<schema>\w+)"\."(?P<table>\w+)" \(\n(?P<body>[^;]*)\n\)')
COLUMN = re.compile(r'    "(?P<name>\w+)" (?P<type>[A-Z]+(?:\([\d, ]+\))?)(?P<constraint> NOT NULL)?,?')
QUERY = (
    "SELECT table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale,"
    " is_nullable FROM svv_columns WHERE table_schema = '{schema}'"
)
TYPES = {
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "date": "DATE",
    "timestamp without time zone": "TIMESTAMP",
    "boolean": "BOOLEAN",
}
"""{Redshift's name of a type: how the rendered DDL writes it}, of types without a size."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        type: as the rendered DDL writes it, for example `DECIMAL(18, 2)`.
    """

    type: str
    is_nullable: bool

    def __str__(self) -> str:
        return self.type if self.is_nullable else f"{self.type} NOT NULL"


Tables = Mapping[str, Mapping[str, Column]]
"""{table: {column: what it is}}."""


def wanted(ddl: Iterable[str]) -> dict[str, dict[str, Column]]:
    """Return the tables that rendered DDL makes; the ledger, whose name is not quoted, is none of a contract's."""
    found = (TABLE.fullmatch(statement) for statement in ddl)
    return {
        match["table"]: {
            column["name"]: Column(column["type"], column["constraint"] is None)
            for column in COLUMN.finditer(match["body"])
        }
        for match in found
        if match
    }


def present(rows: Iterable[Sequence[object]]) -> dict[str, dict[str, Column]]:
    """Return the tables that the warehouse has, from the rows that QUERY answers with."""
    tables: dict[str, dict[str, Column]] = {}
    for table, column, kind, length, precision, scale, is_nullable in rows:
        written = TYPES.get(str(kind), str(kind))
        if kind == "character varying":
            written = f"VARCHAR({length})"
        elif kind == "numeric":
            written = f"DECIMAL({precision}, {scale})"
        tables.setdefault(str(table), {})[str(column)] = Column(written, str(is_nullable).upper() == "YES")
    return tables


def additions(schema: str, contracts: Tables, warehouse: Tables) -> list[str]:
    """Return the statements that add what tables lack; a table that is not there yet lacks nothing.

    Raises:
        AirflowFailException: every difference that adding a column which may be empty does not mend.
    """
    statements, mistakes = [], []
    for table, columns in contracts.items():
        there = warehouse.get(table)
        if there is None:
            continue
        for name, column in columns.items():
            if name not in there and column.is_nullable:
                statements.append(f'ALTER TABLE "{schema}"."{table}" ADD COLUMN "{name}" {column.type}')
        mistakes += [f"{table}.{name}: {why}" for name, why in _differences(columns, there)]
    if mistakes:
        raise AirflowFailException(
            f"tables of schema {schema!r} are not what their contracts say; nothing was changed or loaded\n"
            + "".join(f"  found:    {mistake}\n" for mistake in mistakes)
            + "  expected: the columns that are there, or more columns that may be empty\n"
            "  why:      rows of earlier versions stay as they are, and reports may read what would go\n"
            "  fix:      mend the contract: a new column is not required, a changed one gets another name, an unused\n"
            "            one stays; or publish the new form as another dataset"
        )
    return statements


def _differences(columns: Mapping[str, Column], there: Mapping[str, Column]) -> Iterable[tuple[str, str]]:
    for name, column in columns.items():
        if name not in there:
            if not column.is_nullable:
                yield name, f"the contract requires a new column {column}, which rows that are there do not have"
        elif there[name].type != column.type:
            yield name, f"is {there[name].type}, the contract says {column.type}"
        elif column.is_nullable and not there[name].is_nullable:
            yield name, f"is {there[name]}, the contract lets it be empty"
    for name in there:
        if name not in columns:
            yield name, "is in the warehouse and not in the contract"
