"""Policy months: the clock of every annuity contract.

Policy month t runs from the t-th to the next monthly anniversary of the issue date. An anniversary that a month does
not have falls on its last day.
"""

from __future__ import annotations

from typing import Any

from pyspark.sql import functions as f


def months_elapsed(start: Any, end: Any) -> Any:
    """Return the complete policy months between two date columns, int; negative when `end` lies before `start`.

    Equals the policy month in which `end` falls, for a contract issued on `start`.
    """
    months = (f.year(end) - f.year(start)) * 12 + f.month(end) - f.month(start)
    return (months - f.when(f.add_months(start, months) > end, 1).otherwise(0)).cast("int")
