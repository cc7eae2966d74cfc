"""What is rendered for the warehouse runs: every table, every load, every report, twice."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any

import psycopg
import pytest
from psycopg import sql

from sandbox.redshift import columns, parquet
from sandbox.redshift.sql import split
from tests.sandbox.aws_in_process import ACCOUNT, client, policy
from tests.sandbox.warehouse_in_process import Warehouse, running_warehouse

FOLDERS = sorted(Path("environments").glob("*/rendered/*/dag/warehouse"))
BUCKET = "curated"
AS_OF = "2026-10-31"
READERS = ("awsidc:actuarial", "awsidc:finance-analysts")
STRANGER = "awsidc:marketing"


def environment_of(folder: Path) -> str:
    return folder.parts[1]


def for_this_account(folder: Path, path: Path) -> str:
    """SQL as if it were rendered for the account of the test: roles stand in it with their account."""
    spec = Path("environments", environment_of(folder), "environment.yaml").read_text()
    account_id = next(line for line in spec.splitlines() if line.startswith("account_id")).split('"')[1]
    return path.read_text().replace(account_id, ACCOUNT)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    roles = {env: f"arn:aws:iam::{ACCOUNT}:role/meridian-{env}-platform-warehouse" for env in ("dev", "prod")}
    with running_warehouse(tmp_path_factory.mktemp("state"), *roles.values()) as running:
        client("s3", running.endpoint).create_bucket(Bucket=BUCKET)
        iam = client("iam", running.endpoint)
        for env, platform_role in roles.items():
            trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": platform_role}}
            name, path = f"meridian-{env}-annuity-warehouse-load", "/tenant/annuity/"
            iam.create_role(RoleName=f"meridian-{env}-platform-warehouse", AssumeRolePolicyDocument=policy())
            iam.create_role(Path=path, RoleName=name, AssumeRolePolicyDocument=policy(trust))
            read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
            iam.put_role_policy(RoleName=name, PolicyName="d", PolicyDocument=policy(read))
        yield running


def put_empty_version(warehouse: Warehouse, table: str) -> str:
    """Write a version without rows that has exactly the table's columns, as Spark would; returns its location."""
    with warehouse.connect() as connection, connection.cursor() as cursor:
        present = columns.table_columns(cursor, f"annuity.{table}")
    loaded = [column for column in present if column.name not in ("as_of", "version_id")]
    content = parquet.as_parquet(loaded, [])
    s3, prefix = client("s3", warehouse.endpoint), f"{table}/{uuid.uuid4()}/"
    s3.put_object(Bucket=BUCKET, Key=f"{prefix}part-00000.parquet", Body=content)
    url = f"s3://{BUCKET}/{prefix}part-00000.parquet"
    entries = [{"url": url, "mandatory": True, "meta": {"content_length": len(content)}}]
    s3.put_object(Bucket=BUCKET, Key=f"{prefix}_redshift.manifest", Body=json.dumps({"entries": entries}))
    return f"s3://{BUCKET}/{prefix}"


def test_something_is_rendered() -> None:
    assert [environment_of(folder) for folder in FOLDERS] == ["dev", "prod"]


@pytest.mark.parametrize("folder", FOLDERS, ids=environment_of)
def test_rendered_sql_runs_twice(warehouse: Warehouse, folder: Path) -> None:
    ddl = split(for_this_account(folder, folder / "ddl.sql"))
    versions = {path.stem: str(uuid.uuid4()) for path in sorted((folder / "load").glob("*.sql"))}
    warehouse.ok(*ddl)
    warehouse.ok(*ddl)
    for table, version_id in versions.items():
        text = Template(for_this_account(folder, folder / "load" / f"{table}.sql")).substitute(
            version_id=version_id, as_of=AS_OF, location=put_empty_version(warehouse, table), rows=0
        )
        warehouse.ok(*split(text))
        warehouse.ok(*split(text))
    loaded = dict(warehouse.rows("SELECT dataset, version_id FROM annuity.load_ledger ORDER BY loaded_at"))
    assert loaded == versions
    for _ in range(2):
        for report in sorted((folder / "reports").glob("*.sql")):
            warehouse.ok(*split(report.read_text()))
            assert warehouse.rows(f"SELECT * FROM annuity.{report.stem}") == []  # noqa: S608
    readers_read_and_nobody_else_does(warehouse, folder)
    warehouse.ok("DROP SCHEMA annuity CASCADE")


def readers_read_and_nobody_else_does(warehouse: Warehouse, folder: Path) -> None:
    """Every table and report opens for each reader; the ledger, writing, and strangers stay out."""
    known = {name for (name,) in warehouse.rows("SELECT role_name FROM svv_roles")}
    for role in {*READERS, STRANGER} - known:
        warehouse.ok(f'CREATE ROLE "{role}"')
    for _ in range(2):
        warehouse.ok(*split((folder / "readers.sql").read_text()))
    relations = [path.stem for part in ("load", "reports") for path in sorted((folder / part).glob("*.sql"))]
    for reader in READERS:
        for relation in relations:
            assert read_as(warehouse, reader, relation) == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            read_as(warehouse, reader, "load_ledger")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="schema annuity"):
        read_as(warehouse, STRANGER, "policy")
    warehouse.ok(f'REVOKE USAGE ON SCHEMA annuity FROM ROLE "{READERS[0]}"')
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="schema annuity"):
        read_as(warehouse, READERS[0], "policy")
    inside = (
        "SELECT identity_name FROM svv_schema_privileges WHERE namespace_name = 'annuity' AND identity_type = 'role'"
    )
    assert warehouse.rows(inside) == [(READERS[1],)]


def read_as(warehouse: Warehouse, role: str, relation: str) -> list[Any]:
    with warehouse.connect() as connection:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        return connection.execute(sql.SQL("SELECT * FROM annuity.{}").format(sql.Identifier(relation))).fetchall()


def test_a_column_that_a_table_gains_is_told_by_the_catalogue(warehouse: Warehouse) -> None:
    scratch = warehouse.with_schema()
    scratch.ok("CREATE TABLE @.policy (policy_id VARCHAR(20) NOT NULL, premium DECIMAL(18, 2))")
    scratch.ok('ALTER TABLE "@"."policy" ADD COLUMN "valued_at" TIMESTAMP')
    assert scratch.rows(
        "SELECT column_name, data_type, is_nullable FROM svv_columns"  # noqa: S608 -- the test's own words
        f" WHERE table_schema = '{scratch.schema}' ORDER BY ordinal_position"
    ) == [
        ("policy_id", "character varying", "NO"),
        ("premium", "numeric", "YES"),
        ("valued_at", "timestamp without time zone", "YES"),
    ]


def test_a_role_is_made_once(warehouse: Warehouse) -> None:
    warehouse.ok('CREATE ROLE "awsidc:once"')
    described = warehouse.batch('CREATE ROLE "awsidc:once"')
    assert described["Error"].startswith('ERROR: role "awsidc:once" already exists')
