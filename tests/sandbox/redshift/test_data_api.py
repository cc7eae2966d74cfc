"""The Redshift Data API through boto3, on a real PostgreSQL."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError

from tests.sandbox.aws_in_process import client
from tests.sandbox.warehouse_in_process import Warehouse, running_warehouse


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with running_warehouse(tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.fixture
def warehouse(shared: Warehouse) -> Warehouse:
    return shared.with_schema()


def wait_for_waiters(holder: psycopg.Connection[Any], number: int) -> None:
    deadline = time.monotonic() + 20
    while holder.execute("SELECT COUNT(*) FROM pg_locks WHERE NOT granted").fetchone() != (number,):
        assert time.monotonic() < deadline, f"not {number} sessions wait"
        time.sleep(0.02)


def test_a_result_has_the_types_of_redshift(warehouse: Warehouse) -> None:
    described = warehouse.run(
        "SELECT 1 AS i, CAST(2 AS BIGINT) AS b, CAST(1.50 AS DECIMAL(18,2)) AS d, 'x'::VARCHAR(8) AS v, TRUE AS t,"
        " CAST('2026-10-31' AS DATE) AS day, CAST('2026-10-31 04:00:00' AS TIMESTAMP) AS at, NULL::INT AS n"
    )
    assert (described["HasResultSet"], described["ResultRows"]) == (True, 1)
    result = warehouse.data.get_statement_result(Id=described["Id"])
    assert [(c["name"], c["typeName"], c["precision"], c["scale"]) for c in result["ColumnMetadata"]] == [
        ("i", "int4", 10, 0), ("b", "int8", 19, 0), ("d", "numeric", 18, 2), ("v", "varchar", 8, 0),
        ("t", "bool", 1, 0), ("day", "date", 13, 0), ("at", "timestamp", 29, 0), ("n", "int4", 10, 0),
    ]  # fmt: skip
    assert result["Records"] == [
        [
            {"longValue": 1}, {"longValue": 2}, {"stringValue": "1.50"}, {"stringValue": "x"}, {"booleanValue": True},
            {"stringValue": "2026-10-31"}, {"stringValue": "2026-10-31 04:00:00"}, {"isNull": True},
        ]
    ]  # fmt: skip
    assert result["TotalNumRows"] == 1


def test_a_long_result_comes_in_pages(warehouse: Warehouse) -> None:
    digits = "SELECT 0 AS d " + " ".join(f"UNION ALL SELECT {digit}" for digit in range(1, 10))
    warehouse.ok(f"CREATE TABLE @.digit AS {digits}")
    four = ", ".join(f"@.digit {alias}" for alias in "abcd")
    described = warehouse.run(f"SELECT a.d * 1000 + b.d * 100 + c.d * 10 + d.d AS n FROM {four} ORDER BY n LIMIT 2500")  # noqa: S608
    pages = warehouse.data.get_paginator("get_statement_result").paginate(Id=described["Id"])
    sizes = [len(page["Records"]) for page in pages]
    assert sizes == [1000, 1000, 500]


def test_a_batch_is_one_transaction(warehouse: Warehouse) -> None:
    warehouse.ok("CREATE TABLE @.t (a INT)")
    described = warehouse.batch("INSERT INTO @.t VALUES (1)", "INSERT INTO @.missing VALUES (1)", "SELECT * FROM @.t")
    assert described["Status"] == "FAILED"
    assert described["Error"] == warehouse.sql('ERROR: relation "@.missing" does not exist')
    assert [part["Status"] for part in described["SubStatements"]] == ["FINISHED", "FAILED", "ABORTED"]
    assert described["SubStatements"][1]["Error"] == described["Error"]
    assert warehouse.rows("SELECT COUNT(*) FROM @.t") == [(0,)]


def test_each_part_of_a_batch_has_its_result(warehouse: Warehouse) -> None:
    described = warehouse.ok("CREATE TABLE @.t (a INT)", "INSERT INTO @.t VALUES (1), (2)", "SELECT 7")
    identifier = described["Id"]
    assert [part["Id"] for part in described["SubStatements"]] == [f"{identifier}:{n}" for n in (1, 2, 3)]
    assert described["SubStatements"][1]["ResultRows"] == 2
    assert warehouse.data.get_statement_result(Id=f"{identifier}:3")["Records"] == [[{"longValue": 7}]]
    with pytest.raises(ClientError, match="Query does not have result"):
        warehouse.data.get_statement_result(Id=f"{identifier}:1")
    assert warehouse.data.describe_statement(Id=f"{identifier}:2")["Status"] == "FINISHED"


def test_keys_are_not_enforced_and_not_null_is(warehouse: Warehouse) -> None:
    warehouse.ok("CREATE TABLE @.t (id VARCHAR(8) NOT NULL PRIMARY KEY)")
    warehouse.ok("INSERT INTO @.t VALUES ('a'), ('a')")
    assert warehouse.rows("SELECT COUNT(*) FROM @.t") == [(2,)]
    assert "null value" in warehouse.run("INSERT INTO @.t VALUES (NULL)")["Error"]


def test_merge_and_views(warehouse: Warehouse) -> None:
    warehouse.ok(
        "CREATE TABLE @.t (id INT, v VARCHAR(8))",
        "CREATE TABLE @.s (id INT, v VARCHAR(8))",
        "INSERT INTO @.t VALUES (1, 'old')",
        "INSERT INTO @.s VALUES (1, 'new'), (2, 'new')",
        "MERGE INTO @.t USING @.s ON @.t.id = @.s.id WHEN MATCHED THEN UPDATE SET v = s.v"
        " WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)",
        "CREATE OR REPLACE VIEW @.w AS SELECT v, COUNT(*) AS n FROM @.t GROUP BY v",
    )
    assert warehouse.rows("SELECT v, n FROM @.w") == [("new", 2)]
    renamed = "CREATE OR REPLACE VIEW @.w AS SELECT v AS word FROM @.t"
    assert "cannot" in warehouse.run(renamed)["Error"]
    warehouse.ok("DROP VIEW IF EXISTS @.w", renamed)
    assert warehouse.rows("SELECT word FROM @.w LIMIT 1") == [("new",)]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("DATEDIFF(month, '2026-01-31'::DATE, '2026-02-01'::DATE)", 1),
        ("DATEDIFF(year, '2025-12-31'::DATE, '2026-01-01'::DATE)", 1),
        ("DATEDIFF(quarter, '2026-03-31'::DATE, '2026-04-01'::DATE)", 1),
        ("DATEDIFF(day, '2026-02-28'::DATE, '2026-03-01'::DATE)", 1),
        ("DATEDIFF(hour, '2026-01-01 00:59:59'::TIMESTAMP, '2026-01-01 01:00:00'::TIMESTAMP)", 1),
        ("DATEDIFF(month, '2026-03-01'::DATE, '2026-01-31'::DATE)", -2),
        ("LISTAGG(n, ',') WITHIN GROUP (ORDER BY n DESC)", "2,1"),
    ],
)
def test_functions_count_as_redshift_does(warehouse: Warehouse, expression: str, value: object) -> None:
    assert warehouse.rows(f"SELECT {expression} FROM (SELECT 1 AS n UNION ALL SELECT 2) t LIMIT 1") == [(value,)]  # noqa: S608


def test_parameters_are_bound_not_pasted(warehouse: Warehouse) -> None:
    hostile = "x'; DROP TABLE t; --"
    assert warehouse.rows("SELECT :word::VARCHAR(64)", Parameters=[{"name": "word", "value": hostile}]) == [(hostile,)]


@pytest.mark.parametrize(
    ("sql", "parameters", "message"),
    [
        ("SELECT 1", [{"name": "a", "value": "1"}], "unused parameters"),
        ("SELECT :a", [], "lacks parameters"),
    ],
)
def test_parameters_must_match_the_sql(
    warehouse: Warehouse, sql: str, parameters: list[dict[str, str]], message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        warehouse.run(sql, **({"Parameters": parameters} if parameters else {}))


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("TRUNCATE t", "not supported by the local cloud's Redshift: TRUNCATE (it commits"),
        ("SELECT * FROM svv_tables", "the system table svv_tables"),
        ("SELECT 1; SELECT 2", "2 statements in one SQL text"),
        ("SELECT no_such(1)", "function no_such(integer) does not exist"),
        ("SELECT CASE WHEN 1 = 1 THEN 0 ELSE CAST('text' AS INT) END", 'invalid input syntax for type integer: "text"'),
        ("COPY t FROM 's3://b/k' IAM_ROLE 'arn' FORMAT AS CSV", "COPY in the format CSV"),
    ],
)
def test_what_is_not_supported_fails_with_its_name(warehouse: Warehouse, sql: str, error: str) -> None:
    described = warehouse.run(sql)
    assert described["Status"] == "FAILED"
    assert error in described["Error"]


def test_a_client_token_runs_a_statement_once(warehouse: Warehouse) -> None:
    warehouse.ok("CREATE TABLE @.t (a INT)")
    request = {"Sql": warehouse.sql("INSERT INTO @.t VALUES (1)"), "ClientToken": str(uuid.uuid4()), **warehouse.target}
    identifiers = {warehouse.data.execute_statement(**request)["Id"] for _ in range(3)}
    assert len(identifiers) == 1
    warehouse.wait(identifiers.pop())
    assert warehouse.rows("SELECT COUNT(*) FROM @.t") == [(1,)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ClusterIdentifier": "nobody"}, "Redshift endpoint doesn't exist in this region"),
        ({"WithEvent": True}, "WithEvent is not supported"),
    ],
)
def test_requests_that_redshift_or_we_refuse(warehouse: Warehouse, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        warehouse.data.execute_statement(**(warehouse.target | {"Sql": "SELECT 1"} | change))


def test_a_database_that_does_not_exist_fails_the_statement(warehouse: Warehouse) -> None:
    request = warehouse.target | {"Database": "other", "Sql": "SELECT 1"}
    described = warehouse.wait(warehouse.data.execute_statement(**request)["Id"])
    assert described["Error"] == 'FATAL: database "other" does not exist'


def test_statements_are_listed_newest_first(warehouse: Warehouse) -> None:
    name = f"load-{uuid.uuid4()}"
    for number in (1, 2):
        warehouse.run(f"SELECT {number}", StatementName=name)
    listed = warehouse.data.list_statements(StatementName=name, Status="FINISHED")["Statements"]
    assert [each["QueryString"] for each in listed] == ["SELECT 2", "SELECT 1"]


def test_cancelling_ends_a_waiting_statement(warehouse: Warehouse) -> None:
    warehouse.ok("CREATE TABLE @.t (a INT)")
    with warehouse.connect() as holder:
        holder.execute(warehouse.sql("LOCK TABLE @.t").encode())
        waiting = warehouse.start("SELECT 1", "SELECT * FROM @.t")
        wait_for_waiters(holder, 1)
        assert warehouse.data.cancel_statement(Id=waiting)["Status"] is True
        described = warehouse.wait(waiting)
    assert (described["Status"], described["Error"]) == ("ABORTED", "ERROR: Query cancelled on user's request")
    with pytest.raises(ClientError, match="already in ABORTED state"):
        warehouse.data.cancel_statement(Id=waiting)


def test_two_writers_that_read_each_other_cannot_both_win(warehouse: Warehouse) -> None:
    """Serializable: with neither LOCK nor luck, one of two conflicting transactions fails with Redshift's 1023."""
    warehouse.ok("CREATE TABLE @.t (a INT)", "CREATE TABLE @.gate (a INT)")
    with warehouse.connect() as holder:
        holder.execute(warehouse.sql("LOCK TABLE @.gate").encode())
        insert = "INSERT INTO @.t SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM @.t)"
        writers = [warehouse.start(insert, "SELECT * FROM @.gate") for _ in range(2)]
        wait_for_waiters(holder, 2)
    ended = [warehouse.wait(identifier) for identifier in writers]
    assert sorted(each["Status"] for each in ended) == ["FAILED", "FINISHED"]
    error = next(each["Error"] for each in ended if each["Status"] == "FAILED")
    assert error == "ERROR: 1023\n  Detail: Serializable isolation violation on table in Redshift"
    assert warehouse.rows("SELECT COUNT(*) FROM @.t") == [(1,)]


def test_a_cluster_made_anew_begins_empty(shared: Warehouse) -> None:
    redshift = client("redshift", shared.endpoint)
    brief = {"ClusterIdentifier": "brief", "Database": "dev", "Sql": "CREATE TABLE t (a INT)"}
    for _ in range(2):
        redshift.create_cluster(
            ClusterIdentifier="brief", NodeType="ra3.large", MasterUsername="admin", MasterUserPassword="Secret123"
        )
        assert shared.wait(shared.data.execute_statement(**brief)["Id"])["Status"] == "FINISHED"
        redshift.delete_cluster(ClusterIdentifier="brief", SkipFinalClusterSnapshot=True)
    with pytest.raises(ClientError, match="Redshift endpoint doesn't exist"):
        shared.data.execute_statement(**brief)
