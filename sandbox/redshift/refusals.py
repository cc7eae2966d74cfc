"""What Redshift would answer otherwise than PostgreSQL, or not at all: refused by name instead of answered wrongly.

Decides only what is refused and why; it must not know how a statement is run.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from sandbox.redshift.catalog import VIEWS

SYSTEM_TABLE = re.compile(r"(svv|svl|svcs|stl|stv|sys)_\w+|pg_table_def|pg_last_\w+")
POSTGRES_ONLY = re.compile(
    r"(gen_random_)?uuid(v[47])?|uuidv[47]|jsonb?_\w+|to_jsonb?|row_to_json|unnest|pg_(?!last)\w+"
)

# {node: what it is}: parsed, but with another meaning here, or with none in Redshift.
REFUSED: dict[type[exp.Expr], str] = {
    exp.TruncateTable: "TRUNCATE (it commits the transaction in Redshift; use DELETE)",
    exp.Transaction: "BEGIN (the Data API opens the transaction; use BatchExecuteStatement)",
    exp.Commit: "COMMIT (the Data API ends the transaction; use BatchExecuteStatement)",
    exp.Rollback: "ROLLBACK (the Data API ends the transaction; use BatchExecuteStatement)",
    exp.ApproxDistinct: "APPROXIMATE COUNT",
    exp.FromBase: "STRTOL",
    exp.ParseJSON: "JSON functions",
    exp.JSONExtract: "JSON functions",
    exp.JSONExtractScalar: "JSON functions",
    exp.ExternalProperty: "EXTERNAL tables",
    exp.MaterializedProperty: "MATERIALIZED VIEW",
    exp.OnConflict: "ON CONFLICT (PostgreSQL's, unknown to Redshift)",
    exp.Returning: "RETURNING (PostgreSQL's, unknown to Redshift)",
    exp.Filter: "FILTER (PostgreSQL's, unknown to Redshift)",
    exp.Lock: "SELECT FOR UPDATE (unknown to Redshift)",
    exp.Lateral: "LATERAL (PostgreSQL's, unknown to Redshift)",
    exp.Uuid: "UUID functions (PostgreSQL's, unknown to Redshift)",
    exp.ArrayAgg: "ARRAY_AGG (PostgreSQL's, unknown to Redshift)",
    exp.GenerateSeries: "GENERATE_SERIES (runs on Redshift's leader node only)",
    exp.ExplodingGenerateSeries: "GENERATE_SERIES (runs on Redshift's leader node only)",
}

COLUMN_TYPES = frozenset(
    exp.DType[name]
    for name in (
        "SMALLINT", "INT", "BIGINT", "DECIMAL", "FLOAT", "DOUBLE", "BOOLEAN", "CHAR", "NCHAR", "BPCHAR", "VARCHAR",
        "NVARCHAR", "TEXT", "DATE", "TIMESTAMP", "TIMESTAMPTZ", "TIME", "TIMETZ",
    )
)  # fmt: skip


class UnsupportedSqlError(Exception):
    """A statement uses something that this warehouse cannot do as Redshift would."""

    def __init__(self, what: str) -> None:
        super().__init__(f"not supported by the local cloud's Redshift: {what}")
        self.what = what


def refuse_unsupported(statement: exp.Expr) -> None:
    """Raise if any part of a statement would be answered otherwise than by Redshift.

    Raises:
        UnsupportedSqlError: naming the first such part.
    """
    for node in statement.walk():
        what = _refusal(node)
        if what is not None:
            raise UnsupportedSqlError(what)


def _refusal(node: exp.Expr) -> str | None:
    if (what := REFUSED.get(type(node))) is not None:
        return what
    for kind, examine in EXAMINED.items():
        if isinstance(node, kind):
            return examine(node)
    return None


def _examine_table(node: exp.Expr) -> str | None:
    name = node.name.lower()
    return f"the system table {name}" if SYSTEM_TABLE.fullmatch(name) and name not in VIEWS else None


def _examine_function(node: exp.Expr) -> str | None:
    name = node.name.lower()
    return f"the function {name} (unknown to Redshift)" if POSTGRES_ONLY.fullmatch(name) else None


def _examine_type(node: exp.Expr) -> str | None:
    is_known = node.this in COLUMN_TYPES or isinstance(node.parent, exp.Interval)
    return None if is_known else f"the type {node.sql(dialect='redshift')}"


def _examine_create(node: exp.Expr) -> str | None:
    return "WITH NO SCHEMA BINDING" if node.args.get("no_schema_binding") else None


def _examine_distinct(node: exp.Expr) -> str | None:
    return "DISTINCT ON (PostgreSQL's, unknown to Redshift)" if node.args.get("on") else None


def _examine_select(node: exp.Expr) -> str | None:
    return "QUALIFY together with LIMIT or TOP" if node.args.get("qualify") and node.args.get("limit") else None


def _examine_insert(node: exp.Expr) -> str | None:
    return None if node.args.get("expression") else "MERGE … INSERT without a list of columns"


EXAMINED: dict[type[exp.Expr], Callable[[exp.Expr], str | None]] = {
    exp.Table: _examine_table,
    exp.Anonymous: _examine_function,
    exp.DataType: _examine_type,
    exp.Create: _examine_create,
    exp.Distinct: _examine_distinct,
    exp.Select: _examine_select,
    exp.Insert: _examine_insert,
}
