"""The block by product and its reconciliation with the general ledger. Pure: data frames in, data frames out.

The period is the calendar year up to the as-of date; a policy month counts on the day it closes.
"""

from __future__ import annotations

from datetime import date
from functools import reduce
from typing import Any

from pyspark.sql import functions as f

from spark_jobs.annuity.months import months_elapsed
from spark_jobs.annuity.rates import MONEY

FLOWS = {
    "premium": "premium",
    "interest": "interest",
    "withdrawals": "withdrawal",
    "surrenders": "surrender",
    "deaths": "death",
}
"""{column of block_summary: column of account_value}."""
RECONCILED = {
    "MYGA": (*FLOWS, "closing_balance", "benefits_paid"),
    "SPIA": ("payouts",),
}
"""{product: measures that the ledger keeps}."""


def block_summary(policy: Any, account_value: Any, payout: Any, as_of: date) -> Any:
    """Return one row per product, with the columns of the `block_summary` contract.

    Opening is the balance before the first month of the period that closed, so that opening + premium + interest -
    withdrawals - surrenders - deaths = closing, to the cent.
    """
    start = date(as_of.year, 1, 1)
    parts = _accounts(account_value, start), _payouts(payout, start)
    joined = reduce(lambda left, right: left.unionByName(right, allowMissingColumns=True), parts)
    amounts = ["opening_balance", *FLOWS, "closing_balance", "benefits_paid", "payouts"]
    per_policy = policy.select("policy_id", "product", "issue_date").join(joined, ["policy_id"], "left")
    # An annuity pays while its latest instalment was paid; one issued this month has none to pay yet.
    is_paying = f.coalesce("_instalments", f.lit(0)) == months_elapsed(f.col("issue_date"), f.lit(as_of))
    is_in_force = f.when(f.col("product") == "SPIA", is_paying).otherwise(f.coalesce("_is_open", f.lit(True)))
    return per_policy.groupBy("product").agg(
        f.lit(start).alias("period_start"),
        f.lit(as_of).alias("period_end"),
        f.count_if(is_in_force).cast("int").alias("policies_in_force"),
        *[f.coalesce(f.sum(name), f.lit(0)).cast(MONEY).alias(name) for name in amounts],
    )


def reconciliation(summary: Any, control_total: Any) -> Any:
    """Return computed beside control totals, with the columns of the `reconciliation` contract.

    Args:
        summary: what `block_summary` returns.
        control_total: the `control_total` dataset.
    """
    computed = reduce(
        lambda left, right: left.unionByName(right), [_measures(summary, product) for product in RECONCILED]
    )
    both = computed.join(control_total.withColumnRenamed("amount", "control_amount"), ["product", "measure"], "full")
    nothing = f.lit(0).cast(MONEY)
    difference = f.coalesce("computed_amount", nothing) - f.coalesce("control_amount", nothing)
    status = (
        f.when(f.col("control_amount").isNull(), "missing_control")
        .when(f.col("computed_amount").isNull(), "missing_computed")
        .when(f.col("computed_amount") == f.col("control_amount"), "matched")
        .otherwise("different")
    )
    return both.select(
        "product",
        "measure",
        "computed_amount",
        "control_amount",
        difference.cast(MONEY).alias("difference"),
        status.alias("status"),
    )


def _accounts(account_value: Any, start: date) -> Any:
    """One row per policy with a closed month: opening, flows of the period, closing."""
    in_period = f.col("period_end") >= f.lit(start)
    before = f.when(~in_period, f.struct("policy_month", "closing_balance"))
    latest = f.max(f.struct("policy_month", "closing_balance", "surrender", "death"))
    is_ended = (f.col("_latest.surrender") > 0) | (f.col("_latest.death") > 0)
    paid = f.col("withdrawal_paid") + f.col("benefit_paid")
    return (
        account_value.groupBy("policy_id")
        .agg(
            latest.alias("_latest"),
            f.max(before)["closing_balance"].alias("opening_balance"),
            *[f.sum(f.when(in_period, f.col(column))).alias(name) for name, column in FLOWS.items()],
            f.sum(f.when(in_period, paid)).alias("benefits_paid"),
        )
        .withColumn("closing_balance", f.col("_latest.closing_balance"))
        .withColumn("_is_open", ~is_ended)
        .drop("_latest")
    )


def _payouts(payout: Any, start: date) -> Any:
    """One row per policy with an instalment: the period's payouts and how many were paid since issue."""
    return payout.groupBy("policy_id").agg(
        f.sum(f.when(f.col("due_date") >= f.lit(start), f.col("amount"))).alias("payouts"),
        (f.max("instalment") + 1).alias("_instalments"),
    )


def _measures(summary: Any, product: str) -> Any:
    """One row per measure of a product, from the summary's columns."""
    names = RECONCILED[product]
    pairs = f.array(*[f.struct(f.lit(name).alias("measure"), f.col(name).alias("computed_amount")) for name in names])
    return summary.where(f.col("product") == product).select("product", f.inline(pairs))
