"""What the administration system Polaris knows of a policy, and how it writes it.

Field order is the file's. Decides nothing about values; the arithmetic is in `polaris.py`.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TypeVar


@dataclass(frozen=True)
class Policy:
    """One policy record; amounts in USD, rates effective annual. Fields that a product does not use are None."""

    policy_id: str
    sequence: int
    product: str
    issue_date: date
    issue_age: int
    sex: str
    state: str
    tax_status: str
    single_premium: Decimal
    guarantee_years: int | None = None
    declared_rate: Decimal | None = None
    renewal_rate: Decimal | None = None
    guaranteed_minimum_rate: Decimal | None = None
    nonforfeiture_rate: Decimal | None = None
    free_withdrawal_rate: Decimal | None = None
    mva_issue_yield: Decimal | None = None
    mva_renewal_yield: Decimal | None = None
    mva_current_yield: Decimal | None = None
    annual_income: Decimal | None = None
    escalation_rate: Decimal | None = None
    payout_form: str | None = None
    certain_months: int | None = None
    joint_age: int | None = None
    joint_sex: str | None = None
    survivor_fraction: Decimal | None = None
    reduction_trigger: str | None = None


@dataclass(frozen=True)
class Transaction:
    """One money movement or life event of a policy."""

    transaction_id: str
    sequence: int
    policy_id: str
    type: str
    effective_date: date
    amount: Decimal


@dataclass(frozen=True)
class ControlTotal:
    """One total of the general ledger."""

    product: str
    measure: str
    sequence: int
    amount: Decimal


Record = Policy | Transaction | ControlTotal


def fields(record: Record) -> list[str]:
    """Return a record as its detail line's fields, the record type first."""
    return ["D", *("" if value is None else str(value) for value in astuple(record))]


Sequenced = TypeVar("Sequenced", Policy, Transaction)


def resequenced(record: Sequenced, step: int) -> Sequenced:
    """Return the record with its sequence moved by `step`."""
    return replace(record, sequence=record.sequence + step)
