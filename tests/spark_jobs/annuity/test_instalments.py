"""Instalments: the worked example and the same figures as lifelib's SPIA model."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import lifelib
import modelx
import pytest

from sandbox.source_systems.calendar import add_months
from spark_jobs.annuity.valuation.instalments import payouts
from tests.spark_jobs.annuity.model_points import ISSUED, SPIA, event
from tests.spark_jobs.lake import contracts, frame

pytestmark = pytest.mark.spark

MODEL = Path(lifelib.__file__).parent / "libraries/uslib/products/immediate_annuity/SPIA_US_S"
SINGLE = {"joint_age": None, "joint_sex": None, "survivor_fraction": None, "reduction_trigger": None}
POINTS: dict[int, tuple[dict[str, Any], list[tuple[str, int]]]] = {
    1: ({}, [("death_joint", 13)]),
    2: ({"reduction_trigger": "primary"}, [("death_joint", 13)]),
    3: ({}, [("death", 13)]),
    4: ({"reduction_trigger": "primary"}, [("death", 13)]),
    5: ({"payout_form": "life_certain", "certain_months": 120}, [("death_joint", 13)]),
    13: ({"payout_form": "life_certain", "certain_months": 120}, [("death", 29), ("death_joint", 13)]),
    15: ({"payout_form": "certain_only", "certain_months": 120, **SINGLE}, []),
}
"""{lifelib model point: (what differs from point 1, deaths)}: all points with known deaths, paid monthly in arrears."""
MONTHS = 130


def paid(
    spark: Any, policies: list[dict[str, Any]], events: list[dict[str, Any]], months: int
) -> dict[tuple[str, int], Any]:
    policy, transactions = frame(spark, "policy", policies), frame(spark, "policy_transaction", events)
    rows = payouts(policy, transactions, add_months(ISSUED, months)).collect()
    return {(row.policy_id, row.instalment): row for row in rows}


def test_instalments_equal_lifelibs(spark: Any) -> None:
    policies = [{**SPIA, **changes, "policy_id": str(point)} for point, (changes, _) in POINTS.items()]
    events = [event(str(point), kind, month) for point, (_, deaths) in POINTS.items() for kind, month in deaths]
    found = paid(spark, policies, events, MONTHS)
    model = modelx.read_model(MODEL)
    try:
        for point in POINTS:
            expected = model.Projection[point]
            for t in range(MONTHS):
                row = found.get((str(point), t))
                amount = float(row.amount) if row else 0.0
                assert amount == pytest.approx(expected.annuity_payments(t), abs=0.00501), (point, t)
                if row:
                    assert float(row.scheduled_amount) == pytest.approx(expected.annuity_pp(t), abs=0.00501), (point, t)
    finally:
        model.close()


def test_the_worked_example_of_model_point_1(spark: Any) -> None:
    found = paid(spark, [SPIA], [event("S", "death_joint", 13)], 30)
    amounts = {t: str(found["S", t].amount) for t in (0, 11, 12, 13, 24)}
    assert amounts == {0: "500.00", 11: "500.00", 12: "515.00", 13: "343.33", 24: "353.63"}
    assert found["S", 0].due_date == add_months(ISSUED, 1)


def test_nothing_is_paid_after_the_last_death_or_before_it_is_due(spark: Any) -> None:
    single = {**SPIA, **SINGLE}
    assert sorted(paid(spark, [single], [event("S", "death", 3)], 12)) == [("S", 0), ("S", 1), ("S", 2)]
    assert paid(spark, [single], [], 0) == {}
    assert paid(spark, [{**single, "survivor_fraction": Decimal("0.5")}], [event("S", "death", 0)], 12) == {}


def test_the_columns_are_the_contracts(spark: Any) -> None:
    empty = payouts(frame(spark, "policy", []), frame(spark, "policy_transaction", []), ISSUED)
    expected = contracts()["payout"].struct_type
    assert [(field.name, field.dataType) for field in empty.schema] == [
        (field.name, field.dataType) for field in expected
    ]
