"""Account values: movement to the cent, exits, and the same figures as lifelib's MYGA model."""

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import lifelib
import modelx
import pytest

from sandbox.source_systems.calendar import add_months
from spark_jobs.annuity.valuation.account import account_values
from tests.spark_jobs.annuity.model_points import ISSUED, MYGA, event
from tests.spark_jobs.lake import contracts, frame

pytestmark = pytest.mark.spark

PRODUCT = Path(lifelib.__file__).parent / "libraries/uslib/products/fixed_deferred_annuity"
HALF_A_CENT = 0.005
VARIANTS: dict[int, dict[str, Any]] = {
    1: {},
    2: {"mva_current_yield": Decimal("0.1")},
    101: {
        "issue_age": 88,
        "guarantee_years": 3,
        "single_premium": Decimal("12345.67"),
        "declared_rate": Decimal("0.0315"),
    },
    102: {"guarantee_years": 7, "single_premium": Decimal(250_000), "declared_rate": Decimal("0.051")},
    103: {"declared_rate": Decimal("0.02"), "nonforfeiture_rate": Decimal("0.03"), "mva_current_yield": Decimal("0.1")},
    104: {
        "issue_age": 91,
        "guarantee_years": 4,
        "mva_issue_yield": Decimal("0.09"),
        "free_withdrawal_rate": Decimal("0.05"),
    },
}
"""{lifelib point: what differs from point 1}. From 101 the points are ours, given to lifelib's model as its input."""
WITHDRAWALS = {12: "4000.00", 30: "2500.00", 31: "60.00"}
MONTHS = 90


def valued(spark: Any, policies: list[dict[str, Any]], events: list[dict[str, Any]], months: int) -> list[Any]:
    as_of = add_months(ISSUED, months)
    policy, transactions = frame(spark, "policy", policies), frame(spark, "policy_transaction", events)
    return list(account_values(policy, transactions, as_of).orderBy("policy_id", "policy_month").collect())


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def lifelib_model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """lifelib's MYGA model, reading our model points and withdrawals."""
    folder = tmp_path_factory.mktemp("points")
    with (PRODUCT / "model_point_table.csv").open() as file:
        anchor: dict[str, Any] = next(csv.DictReader(file))
    names = {
        "issue_age": "age_at_entry", "guarantee_years": "guar_period", "single_premium": "premium",
        "declared_rate": "declared_rate_initial", "nonforfeiture_rate": "mgsv_rate",
        "mva_issue_yield": "mva_ref_yield_at_issue", "free_withdrawal_rate": "free_wd_rate",
    }  # fmt: skip
    points = []
    for point, changes in VARIANTS.items():
        named = {names[key]: value for key, value in changes.items() if key in names}
        scenario = "stress" if changes.get("mva_current_yield") == Decimal("0.1") else "base"
        points.append({**anchor, **named, "point_id": point, "scenario_id": scenario, "wd_schedule_id": "anchor"})
    withdrawals = [{"wd_schedule_id": "anchor", "t": t, "wd_amount": amount} for t, amount in WITHDRAWALS.items()]
    write_csv(folder / "points.csv", points)
    write_csv(folder / "withdrawals.csv", withdrawals)
    model = modelx.read_model(PRODUCT / "MYGA_US_S")
    model.Data.model_point_file = str(folder / "points.csv")
    model.Data.withdrawal_file = str(folder / "withdrawals.csv")
    yield model
    model.close()


def test_account_values_charges_and_benefits_equal_lifelibs(spark: Any, lifelib_model: Any) -> None:
    policies = [{**MYGA, **changes, "policy_id": str(point)} for point, changes in VARIANTS.items()]
    events = [event(p["policy_id"], "premium", 0, str(p["single_premium"])) for p in policies]
    events += [event(p["policy_id"], "withdrawal", t, amount) for p in policies for t, amount in WITHDRAWALS.items()]
    rows = valued(spark, policies, events, MONTHS)
    assert len(rows) == MONTHS * len(VARIANTS)
    for row in rows:
        point, t = lifelib_model.Projection[int(row.policy_id)], row.policy_month
        where = (row.policy_id, t)
        assert float(row.account_value) == pytest.approx(point.av_pp(t), abs=0.0005), where
        assert float(row.guaranteed_minimum_value) == pytest.approx(point.mgsv_pp(t), abs=0.006), where
        assert float(row.free_withdrawal_left) == pytest.approx(point.free_wd_remain(t), abs=0.006), where
        assert float(row.surrender_charge) == pytest.approx(point.surr_charge_pp(t), abs=0.006), where
        assert float(row.market_value_adjustment) == pytest.approx(point.mva_pp(t), abs=0.006), where
        # three amounts rounded to cents are added, so up to three half cents apart
        assert float(row.surrender_benefit) == pytest.approx(point.surr_benefit_pp(t), abs=0.015), where
        assert float(row.withdrawal_paid) == pytest.approx(point.wd_payment_pp(t), abs=0.011), where
        assert float(row.credited_rate) == pytest.approx(point.credit_rate(t), abs=1e-9), where


def test_the_worked_example_of_model_point_1(spark: Any) -> None:
    events = [event("M", "premium", 0, "100000"), event("M", "withdrawal", 12, "4000")]
    rows = {row.policy_month: row for row in valued(spark, [MYGA], events, 36)}
    assert float(rows[11].account_value) == pytest.approx(104_450.00, abs=HALF_A_CENT)
    assert float(rows[23].account_value) == pytest.approx(104_920.025, abs=HALF_A_CENT)
    assert float(rows[29].surrender_benefit) == pytest.approx(96_829.85, abs=HALF_A_CENT)


def test_the_movement_closes_to_the_cent_for_any_stream_of_transactions(spark: Any) -> None:
    random = Random(11)  # noqa: S311 - repeatable
    policies, events = [], []
    for number in range(40):
        policy = {
            **MYGA,
            "policy_id": f"{number}",
            "guarantee_years": random.choice((3, 5, 7)),
            "declared_rate": Decimal(random.randrange(0, 900)) / 10_000,
            "renewal_rate": Decimal(random.randrange(0, 900)) / 10_000,
        }
        policies.append(policy)
        events.append(event(policy["policy_id"], "premium", 0, f"{random.randrange(100_000, 99_999_999) / 100:.2f}"))
        for month in random.sample(range(1, 60), 6):
            kind = random.choice(("premium", "withdrawal"))
            events.append(event(policy["policy_id"], kind, month, f"{random.randrange(1, 15_000) / 100:.2f}"))
        if number % 4 == 0:
            events.append(event(policy["policy_id"], random.choice(("surrender", "death")), random.randrange(60)))
    rows = valued(spark, policies, events, 60)
    balances: dict[str, Decimal] = defaultdict(Decimal)
    exact: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        assert row.opening_balance == balances[row.policy_id]
        moved = row.opening_balance + row.premium - row.withdrawal + row.interest - row.surrender - row.death
        assert moved == row.closing_balance
        unrounded = row.account_value - exact[row.policy_id] - row.premium + row.withdrawal
        # interest is not a plug: what is posted stays within a cent of what the rate earns
        assert abs(row.interest - unrounded) <= Decimal("0.01")
        assert unrounded == pytest.approx(
            (exact[row.policy_id] + row.premium - row.withdrawal)
            * Decimal((1 + float(row.credited_rate)) ** (1 / 12) - 1),
            abs=Decimal("0.00001"),
        )
        balances[row.policy_id], exact[row.policy_id] = row.closing_balance, row.account_value


def test_a_policy_ends_with_its_surrender_or_death_and_pays_what_it_must(spark: Any) -> None:
    policies = [{**MYGA, "policy_id": name} for name in ("dies", "leaves", "both", "stays")]
    events = [event(policy["policy_id"], "premium", 0, "100000") for policy in policies]
    events += [event("leaves", "surrender", 29), event("dies", "death", 29)]
    events += [event("both", "surrender", 29), event("both", "death", 29)]
    last = {row.policy_id: row for row in valued(spark, policies, events, 36)}
    assert {name: row.policy_month for name, row in last.items()} == {"dies": 29, "leaves": 29, "both": 29, "stays": 35}
    leaves, dies, both, stays = (last[name] for name in ("leaves", "dies", "both", "stays"))
    assert leaves.surrender == leaves.account_value.quantize(Decimal("0.01"))
    assert (leaves.closing_balance, leaves.death, leaves.benefit_paid) == (0, 0, leaves.surrender_benefit)
    assert (dies.closing_balance, dies.surrender, dies.benefit_paid) == (0, 0, dies.death)
    assert (both.surrender, both.benefit_paid) == (0, both.death)
    assert (stays.surrender, stays.death, stays.benefit_paid) == (0, 0, 0)


def test_what_has_not_closed_is_not_there(spark: Any) -> None:
    assert valued(spark, [MYGA], [event("M", "premium", 0, "100000")], 0) == []
    assert valued(spark, [], [], 12) == []


def test_the_columns_are_the_contracts(spark: Any) -> None:
    empty = account_values(frame(spark, "policy", []), frame(spark, "policy_transaction", []), ISSUED)
    expected = contracts()["account_value"].struct_type
    assert [(field.name, field.dataType) for field in empty.schema] == [
        (field.name, field.dataType) for field in expected
    ]
