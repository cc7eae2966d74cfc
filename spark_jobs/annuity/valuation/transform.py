"""Both products valued. Pure: data frames in, data frames out."""

from __future__ import annotations

from datetime import date
from typing import Any

from spark_jobs.annuity.valuation.account import account_values
from spark_jobs.annuity.valuation.instalments import payouts


def value_block(policy: Any, transactions: Any, as_of: date) -> dict[str, Any]:
    """Return `account_value` and `payout`, with the columns of their contracts."""
    return {
        "account_value": account_values(policy, transactions, as_of),
        "payout": payouts(policy, transactions, as_of),
    }
