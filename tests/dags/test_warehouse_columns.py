"""What the warehouse's tables may become: a column that may be empty is added, every other difference is refused."""

from __future__ import annotations

import pytest
from airflow.sdk.exceptions import AirflowFailException

from dags.warehouse_columns import Column, additions, present, wanted

LEDGER = 'CREATE TABLE IF NOT EXISTS "annuity".load_ledger (\n    version_id VARCHAR(36) NOT NULL,\n)'
POLICY = """CREATE TABLE IF NOT EXISTS "annuity"."policy" (
    "policy_id" VARCHAR(20) NOT NULL,
    "premium" DECIMAL(18, 2),
    "months" INTEGER,
    "valued_at" TIMESTAMP,
    PRIMARY KEY ("as_of", "policy_id")
)"""
CONTRACT = wanted(["CREATE SCHEMA IF NOT EXISTS annuity", LEDGER, POLICY])
ROWS: list[tuple[object, ...]] = [
    ("policy", "policy_id", "character varying", 20, None, None, "NO"),
    ("policy", "premium", "numeric", None, 18, 2, "YES"),
    ("policy", "months", "integer", None, 32, 0, "YES"),
    ("policy", "valued_at", "timestamp without time zone", None, None, None, "YES"),
]


def test_columns_of_the_rendered_ddl_are_those_that_the_warehouse_tells_of() -> None:
    assert CONTRACT.keys() == {"policy"}
    assert present(ROWS) == CONTRACT
    assert additions("annuity", CONTRACT, present(ROWS)) == []


def test_a_new_column_that_may_be_empty_is_added_and_a_new_table_is_left_to_the_ddl() -> None:
    assert additions("annuity", CONTRACT, present(ROWS[:-1])) == [
        'ALTER TABLE "annuity"."policy" ADD COLUMN "valued_at" TIMESTAMP'
    ]
    assert additions("annuity", CONTRACT, {}) == []


@pytest.mark.parametrize(
    ("name", "column", "said"),
    [
        ("state", Column("VARCHAR(2)", is_nullable=False), "the contract requires a new column VARCHAR(2) NOT NULL"),
        ("premium", Column("DECIMAL(20, 2)", is_nullable=True), "is DECIMAL(18, 2), the contract says DECIMAL(20, 2)"),
        (
            "policy_id",
            Column("VARCHAR(20)", is_nullable=True),
            "is VARCHAR(20) NOT NULL, the contract lets it be empty",
        ),
        ("months", None, "is in the warehouse and not in the contract"),
    ],
)
def test_every_other_difference_is_refused_by_name(name: str, column: Column | None, said: str) -> None:
    changed = {key: value for key, value in CONTRACT["policy"].items() if key != name}
    with pytest.raises(AirflowFailException) as refused:
        additions("annuity", {"policy": changed | ({name: column} if column else {})}, present(ROWS))
    assert f"  found:    policy.{name}: {said}" in str(refused.value)
    assert "nothing was changed or loaded" in str(refused.value)


def test_a_contract_may_require_what_the_warehouse_lets_be_empty() -> None:
    stricter = CONTRACT["policy"] | {"premium": Column("DECIMAL(18, 2)", is_nullable=False)}
    assert additions("annuity", {"policy": stricter}, present(ROWS)) == []
