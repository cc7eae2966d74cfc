"""Instalments of the payout annuity (SPIA) that fell due.

inst(t) = B(1) x (1 + g)^(year - 1) / 12, paid in arrears, times max(certain, alive) where the survivor's share replaces
the full instalment: lifelib 0.17.2 uslib immediate_annuity technical notes, payment factor Phi(t) = max(C(t), L(t)).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from pyspark.sql import functions as f

from spark_jobs.annuity.months import months_elapsed
from spark_jobs.annuity.rates import MONEY, growth

SHARE = "decimal(12,10)"
INSTALMENT = "decimal(20,8)"


def payouts(policy: Any, transactions: Any, as_of: date) -> Any:
    """Return one row per SPIA and instalment that is paid and due by the as-of date.

    Args:
        policy: the `policy` dataset.
        transactions: the `policy_transaction` dataset.
        as_of: instalments due after it are left out.

    Returns:
        The columns of the `payout` contract.
    """
    kind, month = f.col("type"), f.col("policy_month")
    deaths = transactions.groupBy("policy_id").agg(
        f.min(f.when(kind == "death", month)).alias("_died"),
        f.min(f.when(kind == "death_joint", month)).alias("_joint_died"),
    )
    closed = months_elapsed(f.col("issue_date"), f.lit(as_of))
    spias = policy.where(f.col("product") == "SPIA").withColumn("_closed", closed).where(f.col("_closed") > 0)
    due = spias.join(deaths, "policy_id", "left").withColumn(
        "instalment", f.explode(f.sequence(f.lit(0), f.col("_closed") - 1))
    )
    priced = due.withColumn("payment_factor", payment_factor(f.col("instalment"))).withColumn(
        "_scheduled", scheduled_instalment(f.col("instalment"))
    )
    return priced.where(f.col("payment_factor") > 0).select(
        "policy_id",
        "instalment",
        "product",
        f.add_months("issue_date", f.col("instalment") + 1).alias("due_date"),
        f.col("_scheduled").cast(MONEY).alias("scheduled_amount"),
        "payment_factor",
        (f.col("_scheduled") * f.col("payment_factor")).cast(MONEY).alias("amount"),
    )


def scheduled_instalment(month: Any) -> Any:
    """Return the unreduced instalment of a policy month, escalated at each anniversary."""
    escalation = growth(f.col("escalation_rate"), f.floor(month / 12).cast("double"))
    return ((f.col("annual_income") * escalation).cast("decimal(24,10)") / 12).cast(INSTALMENT)


def payment_factor(month: Any) -> Any:
    """Return the share that is paid at the end of a month: a life counts if it lived to the end of that month.

    `either`: in full while both live, the survivor's share after the first death. `primary`: in full while the first
    annuitant lives, whatever becomes of the other. The certain period pays in full and defers any reduction.
    """
    is_first_alive = f.coalesce(f.col("_died") > month, f.lit(True))
    is_joint = f.col("joint_age").isNotNull()
    is_joint_alive = is_joint & f.coalesce(f.col("_joint_died") > month, f.lit(True))
    is_full = is_first_alive & (~is_joint | is_joint_alive | (f.col("reduction_trigger") == "primary"))
    form, one, nothing = f.col("payout_form"), f.lit(1).cast(SHARE), f.lit(0).cast(SHARE)
    is_certain = (form != "life_only") & (month < f.col("certain_months"))
    return (
        f.when(is_certain, one)
        .when(form == "certain_only", nothing)
        .when(is_full, one)
        .when(is_first_alive | is_joint_alive, f.col("survivor_fraction"))
        .otherwise(nothing)
    )
