"""Policies and transactions for tests: lifelib's model point 1 of each product, and what a test changes of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.source_systems.calendar import add_months

ISSUED = date(2020, 1, 31)

MYGA: dict[str, Any] = {
    "policy_id": "M", "product": "MYGA", "issue_date": ISSUED, "issue_age": 60, "sex": "M", "state": "OH",
    "tax_status": "NQ", "single_premium": Decimal(100_000), "guarantee_years": 5, "declared_rate": Decimal("0.0445"),
    "renewal_rate": Decimal("0.0445"), "guaranteed_minimum_rate": Decimal("0.0025"),
    "nonforfeiture_rate": Decimal("0.028"), "free_withdrawal_rate": Decimal("0.1"),
    "mva_issue_yield": Decimal("0.05"), "mva_current_yield": Decimal("0.065"),
}  # fmt: skip
SPIA: dict[str, Any] = {
    "policy_id": "S", "product": "SPIA", "issue_date": ISSUED, "issue_age": 65, "sex": "M", "state": "OH",
    "tax_status": "NQ", "single_premium": Decimal(100_000), "annual_income": Decimal(6000),
    "escalation_rate": Decimal("0.03"), "payout_form": "life_only", "certain_months": 0, "joint_age": 62,
    "joint_sex": "F", "survivor_fraction": Decimal("0.6666666667"), "reduction_trigger": "either",
}  # fmt: skip


def event(policy_id: str, kind: str, month: int, amount: str = "0.00") -> dict[str, Any]:
    """A transaction in a policy month, as `policy_transaction` holds it."""
    return {
        "transaction_id": f"{policy_id}-{kind}-{month}",
        "policy_id": policy_id,
        "type": kind,
        "effective_date": add_months(ISSUED, month),
        "amount": Decimal(amount),
        "policy_month": month,
    }
