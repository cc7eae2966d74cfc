"""What is rendered for the warehouse runs: every table, every load, every report, twice."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from string import Template

import pytest

from sandbox.redshift import columns, parquet
from sandbox.redshift.sql import split
from tests.sandbox.aws_in_process import ACCOUNT, client, policy
from tests.sandbox.warehouse_in_process import Warehouse, running_warehouse

FOLDERS = sorted(Path("environments").glob("*/rendered/*/dag/warehouse"))
BUCKET = "curated"
AS_OF = "2026-10-31"


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
    warehouse.ok("DROP SCHEMA annuity CASCADE")
