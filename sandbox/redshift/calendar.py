"""Redshift's date functions as PostgreSQL expressions that count alike.

Works on parsed statements. A function or unit that could not be made to count alike is refused.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from sandbox.redshift.refusals import UnsupportedSqlError

MONTHS_PER = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
SECONDS_PER = {"HOUR": 3600, "MINUTE": 60, "SECOND": 1}


def rewrite_dates(tree: exp.Expr) -> None:
    """Rewrite DATEDIFF and the current time in place.

    DATEDIFF counts boundaries crossed, not time elapsed: DATEDIFF(month, '2026-01-31', '2026-02-01') is 1.
    GETDATE() and SYSDATE have no time zone.
    """
    for difference in list(tree.find_all(exp.TsOrDsDiff, exp.DateDiff)):
        difference.replace(_datediff(difference))
    for now in list(tree.find_all(exp.CurrentTimestamp)):
        now.replace(exp.Localtimestamp())


def _datediff(difference: exp.Expr) -> exp.Expr:
    unit = difference.text("unit").upper() or "DAY"
    later, earlier = difference.this, difference.expression
    if unit == "DAY":
        return exp.paren(exp.cast(later, "date") - exp.cast(earlier, "date"))
    if unit in MONTHS_PER:
        return _difference(lambda moment: _period(moment, MONTHS_PER[unit]), later, earlier)
    if unit in SECONDS_PER:
        return _difference(lambda moment: _clock(moment, unit), later, earlier)
    raise UnsupportedSqlError(f"DATEDIFF in units of {unit}")


def _difference(number: Callable[[exp.Expr], exp.Expr], later: exp.Expr, earlier: exp.Expr) -> exp.Expr:
    return exp.cast(exp.paren(number(later) - number(earlier)), "bigint")


def _period(moment: exp.Expr, months: int) -> exp.Expr:
    """Number of the month, quarter or year a moment lies in, counted from year 0."""
    count = _extract("YEAR", moment) * 12 + (_extract("MONTH", moment) - 1)
    return exp.Floor(this=exp.paren(count) / months)


def _clock(moment: exp.Expr, unit: str) -> exp.Expr:
    seconds = _extract("EPOCH", moment)
    return exp.Floor(this=seconds / SECONDS_PER[unit])


def _extract(part: str, moment: exp.Expr) -> exp.Expr:
    return exp.Extract(this=exp.Var(this=part), expression=exp.cast(moment.copy(), "timestamp"))
