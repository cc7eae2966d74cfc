"""The general ledger's control totals over the good records of a block.

Flows are those of the calendar year up to the as-of date and count when their policy month closes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from sandbox.source_systems.contracts import ControlTotal, Policy, Transaction
from sandbox.source_systems.polaris import account_months, instalments

MYGA_MEASURES = ("premium", "interest", "withdrawals", "surrenders", "deaths", "closing_balance", "benefits_paid")


def control_totals(
    policies: Iterable[Policy], transactions: Mapping[str, list[Transaction]], as_of: date
) -> list[ControlTotal]:
    """Return the totals by product and measure; `transactions` is {policy_id: transactions}."""
    sums = dict.fromkeys(MYGA_MEASURES, Decimal(0))
    payouts = Decimal(0)
    year_start = date(as_of.year, 1, 1)
    for policy in policies:
        events = transactions.get(policy.policy_id, [])
        if policy.product == "SPIA":
            payouts += sum(
                (amount for due, amount in instalments(policy, events, as_of) if due >= year_start), Decimal(0)
            )
            continue
        closing = Decimal(0)
        for month in account_months(policy, events, as_of):
            closing = month.closing
            if month.period_end < year_start:
                continue
            sums["premium"] += month.premium
            sums["interest"] += month.interest
            sums["withdrawals"] += month.withdrawal
            sums["surrenders"] += month.released if month.exit == "surrender" else 0
            sums["deaths"] += month.released if month.exit == "death" else 0
            sums["benefits_paid"] += month.paid
        sums["closing_balance"] += closing
    totals = [ControlTotal("MYGA", measure, 1, amount.quantize(Decimal("0.01"))) for measure, amount in sums.items()]
    return [*totals, ControlTotal("SPIA", "payouts", 1, payouts.quantize(Decimal("0.01")))]
