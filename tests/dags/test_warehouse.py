"""A published version is loaded once, all tables in one transaction, and only values of a closed form enter SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from airflow.providers.amazon.aws.hooks.redshift_data import RedshiftDataHook
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from dags import warehouse
from dags.statements import read_statements
from dags.warehouse import LoadWarehouseOperator, RefreshReportsOperator
from tests.dags.conftest import run_task
from tests.dags.fake_aws import FakeRedshift

V1, V2 = (f"01980000-0000-7000-8000-00000000000{number}" for number in (1, 2))
LOAD = """LOCK annuity.load_ledger;
-- Rendered; not edited.
CREATE TEMP TABLE stage_{table} (
    x INTEGER
);
COPY stage_{table} FROM '${{location}}_redshift.manifest' IAM_ROLE 'r' FORMAT AS PARQUET MANIFEST;
INSERT INTO annuity.load_ledger SELECT '${{version_id}}', '{table}', '${{as_of}}', ${{rows}};
"""


def version(table: str, version_id: str, rows: int = 3, **other: Any) -> dict[str, Any]:
    location = f"s3://curated/{table}/as_of=2026-10-31/attempt={version_id}/"
    return {
        "dataset": table,
        "version_id": version_id,
        "as_of": "2026-10-31",
        "rows": rows,
        "location": location,
    } | other


@pytest.fixture
def redshift(monkeypatch: pytest.MonkeyPatch) -> FakeRedshift:
    client = FakeRedshift()

    async def async_client(_: Any) -> FakeRedshift:
        return client

    monkeypatch.setattr(RedshiftDataHook, "conn", client)
    monkeypatch.setattr(RedshiftDataHook, "get_async_conn", async_client)
    monkeypatch.setattr(warehouse, "still_current", lambda _, versions, __: [v for v in versions if v["rows"] >= 0])
    return client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "load").mkdir()
    (tmp_path / "ddl.sql").write_text(
        "-- header\nCREATE SCHEMA IF NOT EXISTS annuity;\nCREATE TABLE IF NOT EXISTS a (x int);\n"
    )
    for table in ("policy", "payout"):
        (tmp_path / "load" / f"{table}.sql").write_text(LOAD.format(table=table))
    return tmp_path


WHERE = {"cluster_identifier": "c", "database": "warehouse", "db_user": "sluice_loader"}


def load(folder: Path, *versions: dict[str, Any]) -> Any:
    tables = sorted(version["dataset"] for version in versions)
    task = LoadWarehouseOperator(task_id="load", sql_folder=str(folder), tables=tables, publish_task="publish", **WHERE)
    return run_task(task, publish=list(versions))


def test_all_tables_are_loaded_in_one_locked_transaction(redshift: FakeRedshift, folder: Path) -> None:
    assert load(folder, version("policy", V1), version("payout", V2, 5)) == {"policy": 3, "payout": 5}
    ddl, batch = redshift.batches
    assert ddl == ["CREATE SCHEMA IF NOT EXISTS annuity", "CREATE TABLE IF NOT EXISTS a (x int)"]
    assert [sql.split()[0] for sql in batch] == ["LOCK", "CREATE", "COPY", "INSERT", "CREATE", "COPY", "INSERT"]
    assert batch[0] == 'LOCK "annuity".load_ledger'
    assert f"'s3://curated/payout/as_of=2026-10-31/attempt={V2}/_redshift.manifest'" in batch[2]
    assert redshift.made("batch_execute_statement")[1]["DbUser"] == "sluice_loader"


def test_a_second_load_of_a_version_does_nothing(redshift: FakeRedshift, folder: Path) -> None:
    load(folder, version("policy", V1))
    assert load(folder, version("policy", V1)) == {"policy": 3}
    assert len(redshift.batches) == 3, "two DDL batches, one load"
    assert load(folder, version("policy", V1), version("payout", V2)) == {"policy": 3, "payout": 3}
    assert "stage_policy" not in "".join(redshift.batches[-1])


def test_a_version_that_is_current_again_is_loaded_again(redshift: FakeRedshift, folder: Path) -> None:
    redshift.ledger = [("policy", V1, 3), ("policy", V2, 4)]
    assert load(folder, version("policy", V1)) == {"policy": 3}
    assert redshift.batches[-1][1] == f"DELETE FROM \"annuity\".load_ledger WHERE version_id = '{V1}'"  # noqa: S608
    assert redshift.ledger == [("policy", V2, 4), ("policy", V1, 3)]


TABLES = """CREATE TABLE IF NOT EXISTS "annuity"."policy" (
    "policy_id" VARCHAR(20) NOT NULL,
    "premium" DECIMAL(18, 2),
    "region" VARCHAR(2),
    "as_of" DATE NOT NULL,
    PRIMARY KEY ("as_of", "policy_id")
);
"""


def columns_there(redshift: FakeRedshift, *kept: str) -> None:
    rows = {
        "policy_id": ("character varying", 20, None, None, "NO"),
        "premium": ("numeric", None, 18, 2, "YES"),
        "region": ("character varying", 2, None, None, "yes"),
        "as_of": ("date", None, None, None, "NO"),
    }
    redshift.catalogue["svv_columns"] = [("policy", name, *rows[name]) for name in kept]


def test_a_column_that_a_contract_gained_is_added_before_the_load(redshift: FakeRedshift, folder: Path) -> None:
    (folder / "ddl.sql").write_text(TABLES)
    columns_there(redshift, "policy_id", "premium", "as_of")
    assert load(folder, version("policy", V1)) == {"policy": 3}
    ddl, _ = redshift.batches
    assert ddl[1:] == ['ALTER TABLE "annuity"."policy" ADD COLUMN "region" VARCHAR(2)']


def test_a_table_that_cannot_follow_its_contract_is_refused_before_anything_runs(
    redshift: FakeRedshift, folder: Path
) -> None:
    (folder / "ddl.sql").write_text(TABLES.replace('"region" VARCHAR(2)', '"region" VARCHAR(3)'))
    columns_there(redshift, "policy_id", "premium", "region", "as_of")
    with pytest.raises(AirflowFailException, match=r"policy.region: is VARCHAR\(2\), the contract says VARCHAR\(3\)"):
        load(folder, version("policy", V1))
    assert redshift.batches == []


def test_failure_names_error_and_statement(redshift: FakeRedshift, folder: Path) -> None:
    redshift.error = "staged rows of policy differ"
    with pytest.raises(AirflowException) as error:
        load(folder, version("policy", V1))
    assert str(error.value).startswith(
        "Redshift FAILED: staged rows of policy differ\n  where:    INSERT INTO annuity.load_ledger"
    )
    assert "rolled back" in str(error.value)


def test_load_that_left_no_ledger_entry_is_no_success(redshift: FakeRedshift, folder: Path) -> None:
    script = folder / "load" / "policy.sql"
    script.write_text(
        script.read_text().replace("INSERT INTO annuity.load_ledger SELECT", "INSERT INTO annuity.load_ledger select")
    )
    with pytest.raises(AirflowFailException, match="the ledger has no entry for policy"):
        load(folder, version("policy", V1))


def test_superseded_and_unpublished_tables_are_not_loaded(redshift: FakeRedshift, folder: Path) -> None:
    with pytest.raises(AirflowSkipException):
        load(folder, version("policy", V1, -1))
    task = LoadWarehouseOperator(task_id="load", sql_folder=str(folder), tables=["policy"], publish_task="p", **WHERE)
    with pytest.raises(AirflowFailException, match="p published no policy"):
        run_task(task, p=[version("payout", V1)])
    assert redshift.calls == []


def test_more_than_one_transaction_takes_is_refused(redshift: FakeRedshift, folder: Path) -> None:
    script = folder / "load" / "policy.sql"
    script.write_text(script.read_text() + "SELECT 1;\n" * 40)
    with pytest.raises(AirflowFailException, match="44 statements do not fit one Redshift transaction of 40"):
        load(folder, version("policy", V1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"version_id": "x'; DROP TABLE a; --"}, {"version_id": V1 + "\n"}, {"as_of": "2026-10-31' OR '1'='1"},
        {"location": "s3://b/a'b/"}, {"location": "s3://b/x"}, {"location": "s3://b/a;b/"}, {"rows": "3; DROP TABLE a"},
    ],
)  # fmt: skip
def test_hostile_values_do_not_enter_sql(folder: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(AirflowFailException, match="is not put into SQL"):
        read_statements(folder / "load" / "policy.sql", version("policy", V1) | wrong)


@pytest.mark.parametrize("text", ["SELECT '${other}';\n", "SELECT '${rows';\n", "SELECT '${}';\n"])
def test_unknown_placeholders_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.sql").write_text(text)
    with pytest.raises(AirflowFailException, match="unknown placeholder"):
        read_statements(tmp_path / "x.sql", version("policy", V1))


def test_scripts_split_at_line_ends_only(tmp_path: Path) -> None:
    path = tmp_path / "x.sql"
    path.write_text("-- one; two\n\n-- three\nSELECT 'a;b' -- kept\n, '\n-- also kept';\nSELECT 2\n;\n-- the end\n")
    assert read_statements(path) == ["SELECT 'a;b' -- kept\n, '\n-- also kept'", "SELECT 2"]


VIEWS = ['CREATE OR REPLACE VIEW "s"."a" AS\nSELECT 1', 'CREATE OR REPLACE VIEW "s"."b" AS\nSELECT 1']


@pytest.fixture
def reports(tmp_path: Path) -> RefreshReportsOperator:
    for name, view in zip("ab", VIEWS, strict=True):
        (tmp_path / f"{name}.sql").write_text(f"-- Report\n{view}\n;\n")
    return RefreshReportsOperator(task_id="r", sql_folder=str(tmp_path), reports=["a", "b"], **WHERE)


def test_reports_are_renewed_in_one_transaction(redshift: FakeRedshift, reports: RefreshReportsOperator) -> None:
    assert run_task(reports) == ["a", "b"]
    assert redshift.batches == [VIEWS]


def test_reports_with_other_columns_are_made_anew(redshift: FakeRedshift, reports: RefreshReportsOperator) -> None:
    redshift.is_other_view = True
    assert run_task(reports) == ["a", "b"]
    a, b = VIEWS
    assert redshift.batches == [VIEWS, ['DROP VIEW IF EXISTS "s"."a"', a, 'DROP VIEW IF EXISTS "s"."b"', b]]


def test_a_report_that_cannot_be_made_is_told(redshift: FakeRedshift, reports: RefreshReportsOperator) -> None:
    redshift.error = 'column "premium" does not exist'
    with pytest.raises(AirflowException, match='column "premium" does not exist'):
        run_task(reports)
