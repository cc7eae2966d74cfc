"""Rates and schedules of the fixed annuity, as Spark columns.

Source: lifelib 0.17.2, uslib, fixed_deferred_annuity technical notes (MYGA) - declared rates, surrender charges, market
value adjustment. Rounding is HALF_UP everywhere: that is what a cast to a smaller scale does in Spark.
"""

from __future__ import annotations

from typing import Any

from pyspark.sql import functions as f

STATE = "decimal(18,6)"
"""An amount that is carried forward; cents are taken from it, never fed back (docs/decisions/0004)."""
MONEY = "decimal(18,2)"
FACTOR = "decimal(18,12)"

INITIAL_CHARGES = (9, 8, 7, 6, 5)
"""Percent by contract year of the first guarantee period."""
RENEWAL_CHARGES = (5, 4, 3, 2, 1)
"""Percent by contract year of each renewal period."""
AGE_CAPS = {94: 4, 95: 3, 96: 2, 97: 1}
"""{attained age: highest charge in percent}; none below 94, no charge at all from 98."""


def growth(rate: Any, years: Any) -> Any:
    """Return (1 + rate) ** years to twelve decimals.

    A double holds such a factor to 2e-16; cut to twelve decimals it is the same number on every machine, and over 360
    months of a 1,000,000 account it is off by less than 0.0002.
    """
    return f.pow(1 + rate.cast("double"), years).cast(FACTOR)


def monthly_growth(rate: Any) -> Any:
    """Return the factor of one month at an effective annual rate: (1 + rate) ** (1/12)."""
    return growth(rate, f.lit(1) / f.lit(12.0))


def term_months(guarantee_years: Any) -> Any:
    return guarantee_years * 12


def credited_rate(month: Any) -> Any:
    """Return the rate credited in a policy month: declared at issue, then renewed, not below the guaranteed minimum."""
    is_initial = month < term_months(f.col("guarantee_years"))
    return f.when(is_initial, f.col("declared_rate")).otherwise(f.greatest("guaranteed_minimum_rate", "renewal_rate"))


def is_window(month: Any) -> Any:
    """Whether the month opens a renewal: the whole account value is free of charge and adjustment."""
    return (month > 0) & (month % term_months(f.col("guarantee_years")) == 0)


def charge_percent(month: Any) -> Any:
    """Return the surrender charge in percent, int: the schedule restarts at each renewal and is capped by age."""
    term = term_months(f.col("guarantee_years"))
    year = f.floor(month % term / 12).cast("int")
    scheduled = f.when(month < term, _scheduled(INITIAL_CHARGES, year)).otherwise(_scheduled(RENEWAL_CHARGES, year))
    age = f.col("issue_age") + f.floor(month / 12).cast("int")
    cap = f.when(age < min(AGE_CAPS), 100)
    for capped_age, percent in AGE_CAPS.items():
        cap = cap.when(age == capped_age, percent)
    return f.when(is_window(month), 0).otherwise(f.least(scheduled, cap.otherwise(0)))


def adjustment_rate(month: Any) -> Any:
    """Return the market value adjustment's rate, signed: (yield locked - yield now) x years left in the period.

    The yield is locked at issue and again at each renewal; without a locked renewal yield there is nothing to adjust.
    """
    term = term_months(f.col("guarantee_years"))
    renewed = f.coalesce("mva_renewal_yield", "mva_current_yield")
    locked = f.when(month < term, f.col("mva_issue_yield")).otherwise(renewed)
    months_left = term - month % term - 1
    rate = ((locked - f.col("mva_current_yield")) * months_left / 12).cast(FACTOR)
    return f.when(is_window(month), f.lit(0).cast(FACTOR)).otherwise(rate)


def charge_on(excess: Any, percent: Any) -> Any:
    """Return the charge, unrounded, on an amount beyond the free allowance."""
    return (excess * percent / 100).cast(STATE)


def adjustment_on(excess: Any, rate: Any, charge: Any) -> Any:
    """Return the adjustment, unrounded, on an amount beyond the free allowance: at most the charge, either way."""
    raw = (rate * excess).cast(STATE)
    return f.least(charge, f.greatest(-charge, raw))


def _scheduled(percents: tuple[int, ...], year: Any) -> Any:
    schedule = f.array(*[f.lit(percent) for percent in percents])
    return f.coalesce(f.get(schedule, year), f.lit(0))
