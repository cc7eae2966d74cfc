"""The values of the SQL that Redshift runs for a tenant.

Decides types, constraints and the order of columns, all from contracts. Every identifier and value leaves this module
already spelt for SQL; `${version_id}`, `${as_of}`, `${location}` and `${rows}` are filled when a version is loaded.
"""

from __future__ import annotations

from generator.model import TYPE_PATTERN, Column
from generator.render.escape import comment, sql_identifier, sql_role, sql_text
from generator.resolve.stack import Loading, ResolvedDataset, Stack
from generator.spec.report_sql import single_query

LONGEST_TEXT = 65535
"""Bytes that a VARCHAR of Redshift holds at most."""
PLAIN_TYPES = {
    "string": f"VARCHAR({LONGEST_TEXT})",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "boolean": "BOOLEAN",
}
VERSION_COLUMNS = (
    {"name": '"as_of"', "type": "DATE", "constraint": " NOT NULL"},
    {"name": '"version_id"', "type": "VARCHAR(36)", "constraint": " NOT NULL"},
)


def redshift_type(column: Column) -> str:
    """Return the Redshift type of a contract's column.

    A varchar's length counts bytes in Redshift: a contract for text beyond ASCII allows for that.
    """
    match = TYPE_PATTERN.match(column.type)
    if match and match["length"]:
        return f"VARCHAR({match['length']})"
    if match and match["precision"]:
        return f"DECIMAL({match['precision']}, {match['scale']})"
    return PLAIN_TYPES[column.type]


def ddl_values(stack: Stack, loading: Loading) -> dict[str, object]:
    """Return what the DDL template lays out."""
    tables = [dataset for dataset in stack.datasets if dataset.is_loaded]
    return {**_common(stack, loading), "tables": [_table(loading, dataset) for dataset in tables]}


def load_values(stack: Stack, loading: Loading, dataset: ResolvedDataset) -> dict[str, object]:
    """Return what the template of one table's load lays out."""
    return {
        **_common(stack, loading),
        **_table(loading, dataset),
        "stage": f"stage_{dataset.name}",
        "dataset": sql_text(dataset.name),
        "role_chain": sql_text(loading.role_chain),
        "staged_text": sql_text(f"staged rows of {dataset.name}: "),
        "expected_text": sql_text(", version ${version_id} has ${rows}"),
    }


def report_values(stack: Stack, loading: Loading, report: str) -> dict[str, object]:
    """Return what the template of a report's view lays out.

    Raises:
        ReportError: the report is not one plain query.
    """
    return {
        **_common(stack, loading),
        "title": comment(stack.tenant.spec.reports[report].title),
        "view": f"{sql_identifier(loading.schema)}.{sql_identifier(report)}",
        "query": single_query(stack.name, report, stack.tenant.report_sql[report]),
    }


def readers_values(stack: Stack, loading: Loading) -> dict[str, object]:
    """Return what the template of the readers' rights lays out: the tenant's tables and reports, never its ledger."""
    schema = sql_identifier(loading.schema)
    return {
        **_common(stack, loading),
        "relations": [f"{schema}.{sql_identifier(name)}" for name in (*loading.tables, *loading.reports)],
        "roles": ", ".join(f"ROLE {sql_role(role)}" for role in loading.readers),
    }


def _common(stack: Stack, loading: Loading) -> dict[str, object]:
    schema = sql_identifier(loading.schema)
    return {
        "tenant": stack.name,
        "environment": stack.environment.environment,
        "schema": schema,
        "ledger": f"{schema}.load_ledger",
    }


def _table(loading: Loading, dataset: ResolvedDataset) -> dict[str, object]:
    columns = [
        {
            "name": sql_identifier(column.name),
            "type": redshift_type(column),
            "constraint": "" if column.nullable else " NOT NULL",
        }
        for column in dataset.contract.columns
    ]
    key = [sql_identifier(name) for name in dataset.contract.primary_key]
    return {
        "table": f"{sql_identifier(loading.schema)}.{sql_identifier(dataset.name)}",
        "columns": columns,
        "table_columns": [*columns, *VERSION_COLUMNS],
        "column_names": ", ".join(str(column["name"]) for column in columns),
        "primary_key": ", ".join(['"as_of"', *key]) if key else "",
    }
