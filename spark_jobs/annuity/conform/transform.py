"""Source records into the block's policies, transactions and control totals, and an account of what was turned away.

Pure: data frames in, data frames out. Every detail record ends in exactly one place, a dataset or `rejected_record`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

from pyspark.sql import Window
from pyspark.sql import functions as f

from spark_jobs.annuity.months import months_elapsed
from spark_jobs.runtime.deduplicate import accepted, deduplicate
from spark_jobs.runtime.records import KEY, RAW, SHA, add_problems, first_code, is_good, problem, reasons

MYGA_TERMS = (
    "guarantee_years",
    "declared_rate",
    "renewal_rate",
    "guaranteed_minimum_rate",
    "nonforfeiture_rate",
    "free_withdrawal_rate",
    "mva_issue_yield",
    "mva_current_yield",
)
SPIA_TERMS = ("annual_income", "escalation_rate", "payout_form", "certain_months")
JOINT_TERMS = ("joint_sex", "survivor_fraction", "reduction_trigger")
POLICY_COLUMNS = [
    *("policy_id", "product", "issue_date", "issue_age", "sex", "state", "tax_status", "single_premium"),
    *MYGA_TERMS[:-1],
    "mva_renewal_yield",
    "mva_current_yield",
    *SPIA_TERMS,
    "joint_age",
    *JOINT_TERMS,
]
TRANSACTION_COLUMNS = ["transaction_id", "policy_id", "type", "effective_date", "amount", "policy_month"]
CONTROL_COLUMNS = ["product", "measure", "amount"]
EXITS = ("surrender", "death")


@dataclass(frozen=True)
class Conformed:
    """The four datasets, with the columns of their contracts."""

    policy: Any
    policy_transaction: Any
    control_total: Any
    rejected_record: Any


def conform(policies: Any, transactions: Any, gl_totals: Any, as_of: date) -> Conformed:
    """Judge all records and part the good from the rest.

    Args:
        policies, transactions, gl_totals: typed source records with problems (`runtime.records.detail_records`).
        as_of: business date; nothing may take effect after it.
    """
    policies = deduplicate(check_terms(policies, as_of), ["policy_id"], "sequence")
    policy = accepted(policies, POLICY_COLUMNS)
    transactions = deduplicate(check_transactions(transactions, policy, as_of), ["transaction_id"], "sequence")
    transactions = check_exits(transactions)
    controls = deduplicate(gl_totals, ["product", "measure"], "sequence")
    sources = {"policies": policies, "transactions": transactions, "gl_totals": controls}
    return Conformed(
        policy=policy,
        policy_transaction=accepted(transactions, TRANSACTION_COLUMNS),
        control_total=accepted(controls, CONTROL_COLUMNS),
        rejected_record=rejected_records(sources),
    )


def check_terms(policies: Any, as_of: date) -> Any:
    """Return the policies with a problem on each that lacks terms or starts after the business date."""
    is_joint = f.col("joint_age").isNotNull()
    return add_problems(
        policies,
        problem(
            f.col("issue_date") > f.lit(as_of), "after_as_of", "issue_date: ", f.col("issue_date"), f" is after {as_of}"
        ),
        _missing(f.col("product") == "MYGA", MYGA_TERMS, "a MYGA"),
        _missing(f.col("product") == "SPIA", SPIA_TERMS, "a SPIA"),
        _missing((f.col("product") == "SPIA") & is_joint, JOINT_TERMS, "a joint SPIA"),
    )


def check_transactions(transactions: Any, policy: Any, as_of: date) -> Any:
    """Return the transactions with `policy_month int`, `_product` and the problems that only their policy shows.

    A transaction needs a known policy and a date within the contract's life. That is judged before any is superseded: a
    correction that names no policy must not erase the record that it corrects.
    """
    known = policy.select(
        f.col("policy_id").alias("_known"),
        f.col("product").alias("_product"),
        f.col("issue_date").alias("_issued"),
        f.col("joint_age").isNotNull().alias("_is_joint"),
    )
    joined = transactions.join(known, f.col("policy_id") == f.col("_known"), "left")
    dated = joined.withColumn("policy_month", months_elapsed(f.col("_issued"), f.col("effective_date")))
    day, kind, is_clean = f.col("effective_date"), f.col("type"), is_good()
    applies = f.when(f.col("_product") == "MYGA", kind != "death_joint").otherwise(
        kind.isin("premium", "death") | ((kind == "death_joint") & f.col("_is_joint"))
    )
    return add_problems(
        dated,
        problem(
            is_clean & f.col("_known").isNull(),
            "unknown_policy",
            "policy_id: '",
            f.col("policy_id"),
            "' is not a policy",
        ),
        problem(
            is_clean & f.col("_known").isNotNull() & ~applies,
            "wrong_type",
            "type: '",
            kind,
            "' cannot happen to a ",
            f.col("_product"),
        ),
        problem(
            is_clean & (day < f.col("_issued")),
            "before_issue",
            "effective_date: ",
            day,
            " is before issue on ",
            f.col("_issued"),
        ),
        problem(is_clean & (day > f.lit(as_of)), "after_as_of", "effective_date: ", day, f" is after {as_of}"),
    ).drop("_known", "_issued", "_is_joint")


def check_exits(transactions: Any) -> Any:
    """Return the transactions with a problem on each after its policy's end: of surrender and death the first ends it.

    Args:
        transactions: as `check_transactions` returns them, deduplicated; `_product` is dropped.
    """
    is_exit = is_good() & f.col("type").isin(*EXITS) & (f.col("_product") == "MYGA")
    ended = f.min(f.when(is_exit, f.col("effective_date"))).over(Window.partitionBy("policy_id"))
    day = f.col("effective_date")
    return add_problems(
        transactions.withColumn("_ended", ended),
        problem(
            is_good() & (day > f.col("_ended")),
            "after_exit",
            "effective_date: ",
            day,
            " is after the policy ended on ",
            f.col("_ended"),
        ),
    ).drop("_product", "_ended")


def rejected_records(sources: dict[str, Any]) -> Any:
    """Return one row per distinct line and first reason of the records with problems; identical lines are counted."""
    parts = [
        records.where(~is_good()).select(
            f.lit(source).alias("source"), KEY, SHA, RAW, first_code().alias("reason"), reasons().alias("_detail")
        )
        for source, records in sources.items()
    ]
    return (
        reduce(lambda left, right: left.unionByName(right), parts)
        .groupBy("source", f.col(SHA).alias("record_sha256"), "reason")
        .agg(
            f.min(f.substring(KEY, 1, 80)).alias("record_key"),
            f.min(f.substring("_detail", 1, 1000)).alias("detail"),
            f.count(f.lit(1)).cast("int").alias("occurrences"),
            f.min(f.substring(RAW, 1, 4000)).alias("raw_text"),
        )
    )


def _missing(applies: Any, terms: tuple[str, ...], what: str) -> Any:
    """A problem naming the empty terms. An unparsable term was already reported, so only good records count."""
    absent = f.array_join(
        f.array_compact(f.array(*[f.when(f.col(term).isNull(), f.lit(term)) for term in terms])), ", "
    )
    return problem(is_good() & applies & (absent != ""), "missing_terms", absent, f": empty, but {what} needs it")
