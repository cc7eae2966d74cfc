from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from spark_jobs.runtime.errors import QualityFailed
from spark_jobs.runtime.quality import aggregates, checks, judge
from tests.spark_jobs.lake import contracts, frame

pytestmark = pytest.mark.spark

PAYOUT = {
    "policy_id": "S-1", "instalment": 0, "product": "SPIA", "due_date": date(2026, 1, 1),
    "scheduled_amount": Decimal("5.00"), "payment_factor": Decimal("1"), "amount": Decimal("5.00"),
}  # fmt: skip


def judged(spark: Any, dataset: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made = checks(contracts()[dataset])
    return judge(made, frame(spark, dataset, rows).agg(*aggregates(made)).first(), dataset)


def test_a_dataset_that_keeps_its_contract_passes_every_check(spark: Any) -> None:
    findings = judged(spark, "payout", [PAYOUT, {**PAYOUT, "instalment": 1}])
    assert all(finding["passed"] for finding in findings)
    assert {finding["metric"] for finding in findings} == {"nullValues", "invalidValues", "duplicateValues"}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([PAYOUT, PAYOUT], "duplicateValues policy_id,instalment: 1 (expected each once)"),
        ([{**PAYOUT, "amount": None}], "nullValues amount: 1 (expected a value)"),
        ([{**PAYOUT, "amount": Decimal("-0.01")}], "invalidValues amount: 1 (expected at least 0)"),
        ([{**PAYOUT, "product": "MYGA"}], "invalidValues product: 1 (expected one of SPIA)"),
        ([{**PAYOUT, "policy_id": "S" * 21}], "invalidValues policy_id: 1 (expected at most 20 characters)"),
    ],
)
def test_a_broken_promise_is_named(spark: Any, rows: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(QualityFailed) as refused:
        judged(spark, "payout", rows)
    assert words in str(refused.value)


def test_an_empty_block_is_refused(spark: Any) -> None:
    with pytest.raises(QualityFailed, match="rowCount all: 0"):
        judged(spark, "policy", [])


def test_what_is_absent_is_no_duplicate(spark: Any) -> None:
    """As in SQL: a column that is unique and not required may be null in any number of rows."""
    [due_date] = [column for column in contracts()["payout"].columns if column.name == "due_date"]
    unique = replace(contracts()["payout"], columns=(replace(due_date, nullable=True, unique=True),), rules=())
    made = checks(unique)
    absent = {**PAYOUT, "due_date": None}
    counted = frame(spark, "payout", [PAYOUT, PAYOUT, absent, absent]).agg(*aggregates(made)).first()
    with pytest.raises(QualityFailed, match="duplicateValues due_date: 1 "):
        judge(made, counted, "payout")
