"""Account values of the deferred annuity (MYGA), month by month.

AV(t) = (AV(t-1) + premium - withdrawal) x (1 + i)^(1/12), lifelib 0.17.2 uslib fixed_deferred_annuity technical notes,
"Monthly processing order". Carried to six decimals; every posting is a difference of balances rounded to cents, so that
opening + premium - withdrawal + interest - surrender - death = closing holds to the cent for every policy and month.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from pyspark.sql import functions as f

from spark_jobs.annuity.months import months_elapsed
from spark_jobs.annuity.rates import (
    MONEY,
    STATE,
    adjustment_on,
    adjustment_rate,
    charge_on,
    charge_percent,
    credited_rate,
    monthly_growth,
    term_months,
)

NET_CONSIDERATION = "0.875"
"""Share of premiums that the minimum guaranteed surrender value starts from (NAIC Model 805, section 4.A)."""
MONTHS_A_YEAR = 12


def account_values(policy: Any, transactions: Any, as_of: date) -> Any:
    """Return one row per MYGA and closed policy month, until the policy ends.

    Args:
        policy: the `policy` dataset.
        transactions: the `policy_transaction` dataset.
        as_of: months that closed after it are left out.

    Returns:
        The columns of the `account_value` contract.
    """
    mygas = policy.where(f.col("product") == "MYGA")
    flows = monthly_flows(transactions)
    rolled = mygas.join(flows, "policy_id", "left").withColumn("_months", _months_to_roll(as_of))
    months = rolled.withColumn("_roll", _roll_forward()).select("*", f.inline("_roll.months"))
    return _postings(months)


def monthly_flows(transactions: Any) -> Any:
    """Return `policy_id`, `_flows map<month, struct<premium, withdrawal>>` and the months of surrender and death."""
    month, kind = f.col("policy_month"), f.col("type")

    def total(name: str) -> Any:
        return f.sum(f.when(kind == name, f.col("amount")).otherwise(0)).cast(MONEY).alias(name)

    monthly = transactions.groupBy("policy_id", "policy_month").agg(
        total("premium"),
        total("withdrawal"),
        f.max(f.when(kind == "surrender", month)).alias("_surrendered"),
        f.max(f.when(kind == "death", month)).alias("_died"),
    )
    entry = f.struct(month.alias("month"), f.struct("premium", "withdrawal").alias("flow"))
    return monthly.groupBy("policy_id").agg(
        f.map_from_entries(f.collect_list(entry)).alias("_flows"),
        f.min("_surrendered").alias("_surrendered"),
        f.min("_died").alias("_died"),
    )


def _months_to_roll(as_of: date) -> Any:
    """Closed months, the month of surrender or death being the last."""
    closed = months_elapsed(f.col("issue_date"), f.lit(as_of))
    return f.least(closed, f.col("_surrendered") + 1, f.col("_died") + 1)


def _roll_forward() -> Any:
    """Fold the months of one policy; only what one month hands to the next is folded, the rest is worked out after."""
    start = f.struct(
        f.array().cast(f"array<{_month_type()}>").alias("months"),
        f.lit(0).cast(STATE).alias("account"),
        f.lit(0).cast(STATE).alias("floor"),
        f.lit(0).cast(STATE).alias("free"),
    )
    # sequence(0, -1) would count downwards, so a policy without a closed month gets an empty array.
    steps = f.when(f.col("_months") > 0, f.sequence(f.lit(0), f.col("_months") - 1)).otherwise(
        f.array().cast("array<int>")
    )
    return f.aggregate(steps, start, _one_month)


def _one_month(state: Any, month: Any) -> Any:
    flow = f.col("_flows")[month]
    premium, withdrawal = (f.coalesce(flow[name], f.lit(0).cast(MONEY)) for name in ("premium", "withdrawal"))
    # In the first year the allowance is a share of the premiums, later of the account at the last anniversary.
    allowance = f.when(month % MONTHS_A_YEAR == 0, f.col("free_withdrawal_rate") * state["account"]).otherwise(
        state["free"]
    )
    premium_share = f.when(month < MONTHS_A_YEAR, f.col("free_withdrawal_rate") * premium).otherwise(0)
    available = (allowance + premium_share).cast(STATE)
    free = (available - f.least(available, withdrawal)).cast(STATE)
    grown = f.when(month < term_months(f.col("guarantee_years")), monthly_growth(f.col("declared_rate"))).otherwise(
        monthly_growth(f.greatest("guaranteed_minimum_rate", "renewal_rate"))
    )
    account = ((state["account"] + premium - withdrawal).cast(STATE) * grown).cast(STATE)
    considered = (state["floor"] + f.lit(NET_CONSIDERATION).cast("decimal(4,3)") * premium - withdrawal).cast(STATE)
    floor = (considered * monthly_growth(f.col("nonforfeiture_rate"))).cast(STATE)
    row = f.struct(
        month.alias("policy_month"),
        state["account"].alias("_opening"),
        premium.alias("premium"),
        withdrawal.alias("withdrawal"),
        f.greatest(withdrawal - available, f.lit(0)).cast(STATE).alias("_excess"),
        account.alias("account_value"),
        floor.alias("_floor"),
        free.alias("_free"),
    ).cast(_month_type())
    return f.struct(
        f.concat(state["months"], f.array(row)).alias("months"),
        account.alias("account"),
        floor.alias("floor"),
        free.alias("free"),
    )


def _month_type() -> str:
    states = ",".join(f"{name}:{STATE}" for name in ("_excess", "account_value", "_floor", "_free"))
    return f"struct<policy_month:int,_opening:{STATE},premium:{MONEY},withdrawal:{MONEY},{states}>"


def _postings(months: Any) -> Any:
    """Add everything that a month's state determines: cents, charges, benefits."""
    month = f.col("policy_month")
    is_death = f.coalesce(month == f.col("_died"), f.lit(False))
    is_surrender = f.coalesce(month == f.col("_surrendered"), f.lit(False)) & ~is_death
    balance, opening = f.col("account_value").cast(MONEY), f.col("_opening").cast(MONEY)
    zero = f.lit(0).cast(MONEY)
    excess = f.greatest(f.col("account_value") - f.col("_free"), f.lit(0)).cast(STATE)
    priced = (
        months.withColumn("_percent", charge_percent(month))
        .withColumn("_rate", adjustment_rate(month))
        .withColumn("_charge", charge_on(excess, f.col("_percent")))
        .withColumn("_adjustment", adjustment_on(excess, f.col("_rate"), f.col("_charge")))
        .withColumn("_excess_charge", charge_on(f.col("_excess"), f.col("_percent")))
        .withColumn("_excess_adjustment", adjustment_on(f.col("_excess"), f.col("_rate"), f.col("_excess_charge")))
        .withColumn("surrender_charge", f.col("_charge").cast(MONEY))
        .withColumn("market_value_adjustment", f.col("_adjustment").cast(MONEY))
        .withColumn("guaranteed_minimum_value", f.greatest(f.col("_floor"), f.lit(0)).cast(MONEY))
        .withColumn("_balance", balance)
        .withColumn(
            "_surrender_value", f.col("_balance") + f.col("market_value_adjustment") - f.col("surrender_charge")
        )
        .withColumn("surrender_benefit", f.greatest("_surrender_value", "guaranteed_minimum_value").cast(MONEY))
    )
    paid = f.col("withdrawal") + f.col("_excess_adjustment").cast(MONEY) - f.col("_excess_charge").cast(MONEY)
    death_benefit = f.greatest("_balance", "surrender_benefit")
    return priced.select(
        "policy_id",
        "policy_month",
        "product",
        f.add_months("issue_date", month).alias("period_start"),
        f.add_months("issue_date", month + 1).alias("period_end"),
        opening.alias("opening_balance"),
        "premium",
        "withdrawal",
        (f.col("_balance") - opening - f.col("premium") + f.col("withdrawal")).cast(MONEY).alias("interest"),
        f.when(is_surrender, f.col("_balance")).otherwise(zero).alias("surrender"),
        f.when(is_death, f.col("_balance")).otherwise(zero).alias("death"),
        f.when(is_surrender | is_death, zero).otherwise(f.col("_balance")).alias("closing_balance"),
        "account_value",
        credited_rate(month).alias("credited_rate"),
        f.col("_free").cast(MONEY).alias("free_withdrawal_left"),
        paid.cast(MONEY).alias("withdrawal_paid"),
        "surrender_charge",
        "market_value_adjustment",
        "guaranteed_minimum_value",
        "surrender_benefit",
        f.when(is_death, death_benefit)
        .when(is_surrender, f.col("surrender_benefit"))
        .otherwise(zero)
        .alias("benefit_paid"),
    )
