"""A Redshift cluster for tests: the Data API through boto3 on a PostgreSQL of the test's own."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from sandbox.context import Context
from sandbox.faults import Faults
from sandbox.postgres import PostgresServer, database_name
from sandbox.redshift import data_api as redshift
from tests.sandbox.aws_in_process import ACCOUNT, client, serve

CLUSTER = "meridian-dev-platform-warehouse"
DATABASE = "warehouse"


@dataclass
class Warehouse:
    """A cluster with one database, driven as the loader drives it.

    Attributes:
        data: boto3's client of the Data API.
        endpoint: where every other service of the same account answers.
        schema: what `@` stands for in SQL, so that tests which share the database keep apart.
    """

    data: Any
    endpoint: str
    postgres: PostgresServer
    schema: str = "public"

    @property
    def target(self) -> dict[str, str]:
        return {"ClusterIdentifier": CLUSTER, "Database": DATABASE, "DbUser": "sluice_loader"}

    def wait(self, identifier: str) -> dict[str, Any]:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            described: dict[str, Any] = self.data.describe_statement(Id=identifier)
            if described["Status"] in ("FINISHED", "FAILED", "ABORTED"):
                return described
            time.sleep(0.01)
        raise AssertionError(f"{identifier} does not end")

    def run(self, sql: str, **more: Any) -> dict[str, Any]:
        return self.wait(self.data.execute_statement(Sql=self.sql(sql), **self.target, **more)["Id"])

    def start(self, *sqls: str) -> str:
        identifier: str = self.data.batch_execute_statement(Sqls=[self.sql(each) for each in sqls], **self.target)["Id"]
        return identifier

    def batch(self, *sqls: str) -> dict[str, Any]:
        return self.wait(self.start(*sqls))

    def ok(self, *sqls: str) -> dict[str, Any]:
        described = self.batch(*sqls)
        assert described["Status"] == "FINISHED", described.get("Error")
        return described

    def rows(self, sql: str, **more: Any) -> list[tuple[Any, ...]]:
        described = self.run(sql, **more)
        assert described["Status"] == "FINISHED", described.get("Error")
        records = self.data.get_statement_result(Id=described["Id"])["Records"]
        return [tuple(next(iter(cell.values())) for cell in record) for record in records]

    def sql(self, text: str) -> str:
        return text.replace("@", self.schema)

    def with_schema(self) -> Warehouse:
        """The same warehouse with a new schema."""
        scratch = replace(self, schema=f"s_{uuid.uuid4().hex[:8]}")
        scratch.ok("CREATE SCHEMA @")
        return scratch

    def connect(self) -> psycopg.Connection[Any]:
        """A session beside those of the Data API."""
        return psycopg.connect(self.postgres.dsn(database_name("warehouse", ACCOUNT, CLUSTER, DATABASE)))


@contextmanager
def running_warehouse(state: Path, *role_arns: str) -> Iterator[Warehouse]:
    """Start PostgreSQL and moto in this process with one cluster that has these roles; stops both."""
    postgres = PostgresServer(state)
    postgres.start()
    try:
        with serve() as endpoint:
            redshift.install(Context(endpoint, state, postgres, Faults()))
            client("redshift", endpoint).create_cluster(
                ClusterIdentifier=CLUSTER,
                DBName=DATABASE,
                NodeType="ra3.large",
                MasterUsername="admin",
                MasterUserPassword="Secret123",
                IamRoles=list(role_arns),
            )
            yield Warehouse(client("redshift-data", endpoint), endpoint, postgres)
            client("redshift", endpoint).delete_cluster(ClusterIdentifier=CLUSTER, SkipFinalClusterSnapshot=True)
    finally:
        postgres.stop()
