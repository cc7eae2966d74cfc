"""How the administration system values a policy: its own arithmetic, independent of the Spark jobs.

Rules of lifelib's US MYGA and SPIA product specifications (uslib 0.17.2, MIT), in decimal. The general ledger is posted
from it, so that a reconciliation compares two implementations and not one with itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache

from sandbox.source_systems.calendar import add_months, months_elapsed
from sandbox.source_systems.contracts import Policy, Transaction

CENT, STATE, FACTOR = Decimal("0.01"), Decimal("0.000001"), Decimal("0.000000000001")
NET_CONSIDERATION = Decimal("0.875")
CHARGES = {"initial": (9, 8, 7, 6, 5), "renewal": (5, 4, 3, 2, 1)}
AGE_CAPS = {94: 4, 95: 3, 96: 2, 97: 1}
ZERO = Decimal(0)


@dataclass(frozen=True)
class Month:
    """One closed policy month of an account."""

    month: int
    period_end: date
    opening: Decimal
    premium: Decimal
    withdrawal: Decimal
    interest: Decimal
    released: Decimal
    """Account value given up by the month's surrender or death; 0 when the policy stays."""
    exit: str | None
    closing: Decimal
    paid: Decimal
    """Cash paid on withdrawal, surrender or death."""
    account_value: Decimal
    surrender_benefit: Decimal


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@cache
def growth(rate: Decimal, years: Decimal) -> Decimal:
    """Return (1 + rate) ** years to twelve decimals."""
    with localcontext(prec=40):
        return ((1 + rate) ** years).quantize(FACTOR, ROUND_HALF_UP)


@cache
def monthly_growth(rate: Decimal) -> Decimal:
    with localcontext(prec=40):
        return growth(rate, Decimal(1) / 12)


def account_months(policy: Policy, transactions: Iterable[Transaction], as_of: date) -> Iterator[Month]:
    """Yield a MYGA's closed policy months until it ends.

    Withdrawals and premiums act at the beginning of the policy month they fall in, surrenders and deaths at its end.
    """
    by_month: dict[int, list[Transaction]] = {}
    for transaction in transactions:
        by_month.setdefault(months_elapsed(policy.issue_date, transaction.effective_date), []).append(transaction)
    account = floor = free = ZERO
    for month in range(months_elapsed(policy.issue_date, as_of)):
        events = by_month.get(month, [])
        premium = sum((event.amount for event in events if event.type == "premium"), ZERO)
        withdrawal = sum((event.amount for event in events if event.type == "withdrawal"), ZERO)
        opening = account
        if month % 12 == 0:
            free = (given(policy.free_withdrawal_rate) * opening).quantize(STATE, ROUND_HALF_UP)
        if month < 12:
            free += given(policy.free_withdrawal_rate) * premium
        excess = max(ZERO, withdrawal - free)
        free -= withdrawal - excess
        account = ((opening + premium - withdrawal) * monthly_growth(credited_rate(policy, month))).quantize(
            STATE, ROUND_HALF_UP
        )
        floor += NET_CONSIDERATION * premium - withdrawal
        floor = (floor * monthly_growth(given(policy.nonforfeiture_rate))).quantize(STATE, ROUND_HALF_UP)
        charge, adjustment = charge_and_adjustment(policy, month, excess)
        paid = withdrawal + adjustment - charge
        charge, adjustment = charge_and_adjustment(policy, month, max(ZERO, account - free))
        benefit = max(cents(account) + adjustment - charge, cents(max(floor, ZERO)))
        exit_type = next((kind for kind in ("death", "surrender") if any(event.type == kind for event in events)), None)
        if exit_type is not None:
            paid += max(cents(account), benefit) if exit_type == "death" else benefit
        yield Month(
            month=month,
            period_end=add_months(policy.issue_date, month + 1),
            opening=cents(opening),
            premium=premium,
            withdrawal=withdrawal,
            interest=cents(account) - cents(opening) - premium + withdrawal,
            released=ZERO if exit_type is None else cents(account),
            exit=exit_type,
            closing=cents(account) if exit_type is None else ZERO,
            paid=paid,
            account_value=account,
            surrender_benefit=benefit,
        )
        if exit_type is not None:
            return


def credited_rate(policy: Policy, month: int) -> Decimal:
    if month < 12 * (policy.guarantee_years or 0):
        return given(policy.declared_rate)
    return max(given(policy.guaranteed_minimum_rate), given(policy.renewal_rate))


def charge_and_adjustment(policy: Policy, month: int, excess: Decimal) -> tuple[Decimal, Decimal]:
    """Return surrender charge and market value adjustment, in cents, on an amount beyond the free allowance."""
    term = 12 * given(policy.guarantee_years)
    if month > 0 and month % int(term) == 0:  # the window after a guarantee period: nothing is deducted
        return ZERO, ZERO
    period, month_in_period = divmod(month, int(term))
    schedule = CHARGES["initial" if period == 0 else "renewal"]
    year = month_in_period // 12
    percent = schedule[year] if year < len(schedule) else 0
    age = policy.issue_age + month // 12
    percent = min(percent, 100 if age < min(AGE_CAPS) else AGE_CAPS.get(age, 0))
    charge = excess * percent / 100
    locked = policy.mva_issue_yield if period == 0 else policy.mva_renewal_yield or policy.mva_current_yield
    years_left = (term - month_in_period - 1) / 12
    rate = ((given(locked) - given(policy.mva_current_yield)) * years_left).quantize(FACTOR, ROUND_HALF_UP)
    return cents(charge), cents(min(charge, max(-charge, rate * excess)))


def instalments(policy: Policy, transactions: Iterable[Transaction], as_of: date) -> Iterator[tuple[date, Decimal]]:
    """Yield due date and amount of a SPIA's instalments, in arrears, until nothing is left to pay."""
    died = {
        event.type: months_elapsed(policy.issue_date, event.effective_date)
        for event in transactions
        if event.type != "premium"
    }
    for month in range(months_elapsed(policy.issue_date, as_of)):
        share = _share(policy, died.get("death", month + 1) > month, died.get("death_joint", month + 1) > month)
        if policy.payout_form == "certain_only":
            share = ZERO
        if policy.payout_form != "life_only" and month < given(policy.certain_months):
            share = Decimal(1)
        if share == 0:
            return
        scheduled = given(policy.annual_income) * growth(given(policy.escalation_rate), Decimal(month // 12)) / 12
        yield add_months(policy.issue_date, month + 1), cents(scheduled * share)


def _share(policy: Policy, is_first_alive: bool, is_joint_alive: bool) -> Decimal:
    if policy.joint_age is None:
        return Decimal(is_first_alive)
    if is_first_alive and (is_joint_alive or policy.reduction_trigger == "primary"):
        return Decimal(1)
    return given(policy.survivor_fraction) if is_first_alive or is_joint_alive else ZERO


def given(value: Decimal | int | None) -> Decimal:
    """Return a term that the product must have."""
    if value is None:
        raise ValueError("a term that the product needs is empty")
    return Decimal(value)
