"""A real PostgreSQL with the authority's schema, once per test run, and an empty tenant for each test."""

from __future__ import annotations

import hashlib
import itertools
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from authority.client import Authority
from authority.schema import migrate
from sandbox.postgres import PostgresServer

DATE = "2026-10-31"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Publisher:
    """Calls the SQL interface as the pipeline does, for one tenant, as a member of sluice_publisher."""

    dsn: str
    tenant: str

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.dsn, row_factory=dict_row)

    def call(self, query: str, *values: object) -> list[dict[str, Any]]:
        with self.connect() as connection:
            return list(connection.execute(query, values).fetchall())

    def open(self, inputs: str = "inputs", publishes: tuple[str, ...] = ("policy",), **other: str) -> dict[str, Any]:
        return self.call(
            "SELECT * FROM authority.open_run(%s, %s, %s, %s, %s, %s, %s, %s)",
            self.tenant, other.get("dag_id", "annuity_daily"), other.get("run_key", "run-1"), other.get("as_of", DATE),
            sha(inputs), other.get("code", "0123456789abcdef"), list(publishes), other.get("restate", ""),
        )[0]  # fmt: skip

    def offer(self, attempt: uuid.UUID, content: str, dataset: str = "policy", **other: Any) -> dict[str, Any]:
        location = f"s3://lake-curated/{dataset}/as_of={DATE}/attempt={attempt}/"
        return {
            "dataset": dataset, "location": location, "rows": 3, "content_sha256": sha(content),
            "schema_sha256": sha("schema"), "manifest_uri": location + "_manifest.json",
        } | other  # fmt: skip

    def publish(self, attempt: uuid.UUID, *offers: dict[str, Any], restate: str = "") -> list[dict[str, Any]]:
        query = "SELECT * FROM authority.publish(%s, %s::jsonb, %s)"
        return self.call(query, attempt, json.dumps(offers), restate)

    def make(self, content: str, restate: str = "", inputs: str | None = None) -> dict[str, Any]:
        """Open a run and publish one dataset."""
        attempt = self.open(inputs or content, restate=restate)["attempt"]
        return self.publish(attempt, self.offer(attempt, content), restate=restate)[0]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    state: Path = tmp_path_factory.mktemp("pg")
    server = PostgresServer(state)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def url(server: PostgresServer) -> str:
    server.ensure_database("authority")
    migrate(server.url("authority"))
    with psycopg.connect(server.dsn("authority"), autocommit=True) as connection:
        connection.execute("CREATE ROLE pipeline LOGIN IN ROLE sluice_publisher")
        connection.execute("CREATE ROLE analyst LOGIN IN ROLE sluice_reader")
    return server.url("authority")


@pytest.fixture
def admin_dsn(server: PostgresServer, url: str) -> str:
    return server.dsn("authority")


@pytest.fixture
def reader(url: str) -> Iterator[Authority]:
    authority = Authority(url.replace("postgres@", "analyst@"))
    yield authority
    authority.close()


_tenants = itertools.count(1)


@pytest.fixture
def publisher(server: PostgresServer, url: str) -> Publisher:
    return Publisher(server.dsn("authority").replace("user=postgres", "user=pipeline"), f"tenant{next(_tenants)}")
