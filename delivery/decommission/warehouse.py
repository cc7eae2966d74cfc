"""A tenant's schema in the warehouse: what it holds, and dropping it. What others have built upon it stops the drop.

No role of the delivery may read the warehouse; the account's fence denies it. So whoever decommissions names, in
SLUICE_WAREHOUSE_ROLE, a role of the account that may act as the loader, which owns every tenant's schema; without it
the report says that the schema is left to a person. Source: Amazon Redshift Data API; DROP TABLE, "RESTRICT".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from delivery import aws
from delivery.errors import DeliveryError
from generator.model import EnvironmentSpec
from generator.names import Names
from generator.resolve.decisions import WAREHOUSE_DATABASE, WAREHOUSE_LOADER

ROLE = "SLUICE_WAREHOUSE_ROLE"
VIEW = "VIEW"
MOST_STATEMENTS = 40
"""That one BatchExecuteStatement takes, hence one transaction. Source: Redshift Data API quotas."""
ENDED = ("FINISHED", "FAILED", "ABORTED")
POLL_SECONDS = 1.0
LIMIT_SECONDS = 900.0
Rows = list[list[Any]]


class WarehouseRefused(DeliveryError):
    """The warehouse does not answer, or says no: what is in the schema stays."""


@dataclass(frozen=True)
class Schema:
    """One tenant's schema as it is.

    Attributes:
        tables: (name, BASE TABLE or VIEW), sorted.
        loaded: of each dataset: name, versions, first and last date, rows.
    """

    name: str
    tables: tuple[tuple[str, str], ...]
    loaded: tuple[tuple[Any, ...], ...] = ()


class Warehouse:
    """A database on the environment's cluster, as the loader.

    Args:
        client: boto3's `redshift-data`.
        cluster: its identifier.
    """

    def __init__(self, client: Any, cluster: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client, self.cluster, self._sleep = client, cluster, sleep
        self._target = {"ClusterIdentifier": cluster, "Database": WAREHOUSE_DATABASE, "DbUser": WAREHOUSE_LOADER}

    def schema(self, name: str) -> Schema | None:
        """Return what a schema holds; None where there is none.

        Raises:
            WarehouseRefused: see there.
        """
        if not self._rows(f"SELECT schema_name FROM information_schema.schemata WHERE schema_name = '{name}'"):  # noqa: S608 -- a tenant's name: letters, digits, underscores
            return None
        query = "SELECT table_name, table_type FROM information_schema.tables"
        tables = self._rows(f"{query} WHERE table_schema = '{name}' ORDER BY table_name")
        loaded: Rows = []
        if any(table == "load_ledger" for table, _ in tables):
            counted = 'dataset, COUNT(*), CAST(MIN(as_of) AS VARCHAR), CAST(MAX(as_of) AS VARCHAR), SUM("rows")'
            loaded = self._rows(f'SELECT {counted} FROM "{name}".load_ledger GROUP BY dataset ORDER BY dataset')  # noqa: S608
        return Schema(name, tuple((str(table), str(kind)) for table, kind in tables), tuple(map(tuple, loaded)))

    def drop(self, schema: Schema) -> None:
        """Drop every view and table of a schema, then the schema; grants on them go with them.

        Each by its name and nothing else: where something elsewhere is built upon one of them, Redshift refuses.

        Raises:
            WarehouseRefused: see there; dropping again continues.
        """
        of_views = sorted(schema.tables, key=lambda table: table[1] != VIEW)
        drops = [
            f'DROP {"VIEW" if kind == VIEW else "TABLE"} IF EXISTS "{schema.name}"."{table}"'
            for table, kind in of_views
        ]
        drops.append(f'DROP SCHEMA IF EXISTS "{schema.name}"')
        for start in range(0, len(drops), MOST_STATEMENTS):
            self._transaction(drops[start : start + MOST_STATEMENTS])

    def _transaction(self, statements: Sequence[str]) -> None:
        if len(statements) == 1:
            self._end(self._client.execute_statement(Sql=statements[0], **self._target)["Id"])
        else:
            self._end(self._client.batch_execute_statement(Sqls=list(statements), **self._target)["Id"])

    def _rows(self, query: str) -> Rows:
        identifier = self._client.execute_statement(Sql=query, **self._target)["Id"]
        self._end(identifier)
        pages = self._client.get_paginator("get_statement_result").paginate(Id=identifier)
        return [[_plain(field) for field in record] for page in pages for record in page["Records"]]

    def _end(self, identifier: str) -> None:
        """Wait for a statement or transaction to end well."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while (said := self._client.describe_statement(Id=identifier))["Status"] not in ENDED:
            if time.monotonic() > deadline:
                raise WarehouseRefused(f"{self.cluster}: statement {identifier} has not ended", why=said["Status"])
            self._sleep(POLL_SECONDS)
        if said["Status"] != "FINISHED":
            raise WarehouseRefused(
                f"{self.cluster}: Redshift refused a statement about the tenant's schema",
                why=str(said.get("Error") or said["Status"]),
                fix="where something else is built upon the schema, let its owner take that away; then run this again",
            )


def _plain(field: Mapping[str, Any]) -> Any:
    """Return a Data API field, {"longValue": 3} or {"isNull": True}, as a plain value."""
    [(kind, value)] = field.items()
    return None if kind == "isNull" else value


def warehouse_of(spec: EnvironmentSpec, variables: Mapping[str, str]) -> Warehouse | None:
    """Return the environment's warehouse, asked as the role that SLUICE_WAREHOUSE_ROLE names; None without it."""
    role = variables.get(ROLE)
    if not role:
        return None
    return Warehouse(aws.client("redshift-data", spec, variables, role), Names(spec).entity("warehouse"))
