"""Whether a dataset keeps its contract: one pass over what was written.

Beside the contract's own rules it checks what a schema promises: required columns are filled, texts fit, keys are
unique. It must not know how the data came about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import reduce
from operator import and_
from typing import Any

from pyspark.sql import functions as f

from spark_jobs.runtime.contract import Contract, Rule
from spark_jobs.runtime.errors import QualityFailed

_PREFIX = "_check_"


@dataclass(frozen=True)
class Check:
    """One count to be made: `aggregate` over the rows must lie between `minimum` and `maximum`."""

    metric: str
    column: str
    aggregate: Any
    minimum: int | None
    maximum: int | None
    expected: str


@dataclass(frozen=True)
class Finding:
    """What a check counted, as the manifest records it."""

    metric: str
    column: str
    observed: int
    minimum: int | None
    maximum: int | None
    passed: bool


def checks(contract: Contract) -> list[Check]:
    """Return every check of a contract: the schema's promises, then its rules."""
    made = []
    for column in contract.columns:
        value = f.col(column.name)
        if not column.nullable or column.primary_key:
            made.append(Check("nullValues", column.name, f.count_if(value.isNull()), None, 0, "a value"))
        if column.length is not None:
            longer = f.count_if(f.length(value) > column.length)
            made.append(Check("invalidValues", column.name, longer, None, 0, f"at most {column.length} characters"))
        if column.unique:
            made.append(_duplicates([column.name]))
    if contract.primary_key:
        made.append(_duplicates(contract.primary_key))
    return made + [_rule_check(contract, rule) for rule in contract.rules]


def aggregates(made: list[Check]) -> list[Any]:
    """Return the expressions to select, in the order of the checks."""
    return [check.aggregate.alias(f"{_PREFIX}{index}") for index, check in enumerate(made)]


def judge(made: list[Check], counted: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    """Return the findings for the manifest.

    Raises:
        QualityFailed: a check failed; the message names up to three.
    """
    findings, failures = [], []
    for index, check in enumerate(made):
        observed = int(counted[f"{_PREFIX}{index}"])
        low, high = check.minimum, check.maximum
        passed = (low is None or observed >= low) and (high is None or observed <= high)
        findings.append(asdict(Finding(check.metric, check.column, observed, low, high, passed)))
        if not passed:
            failures.append(f"{check.metric} {check.column or 'all'}: {observed} (expected {check.expected})")
    if failures:
        shown = "; ".join(failures[:3]) + ("; …" if len(failures) > 3 else "")
        raise QualityFailed(f"{where}: {len(failures)} of {len(made)} checks failed: {shown}")
    return findings


def _duplicates(names: list[str]) -> Check:
    """A check of repeated values; a row in which one is absent repeats none, as with UNIQUE in SQL."""
    repeated = f.count_if(_all_present(names)) - f.count_distinct(*names)
    return Check("duplicateValues", ",".join(names), repeated, None, 0, "each once")


def _all_present(names: list[str]) -> Any:
    return reduce(and_, [f.col(name).isNotNull() for name in names])


def _rule_check(contract: Contract, rule: Rule) -> Check:
    low, high = rule.minimum, rule.maximum
    if rule.metric == "rowCount":
        return Check("rowCount", "", f.count(f.lit(1)), low, high, f"rows from {low} to {high}")
    name = str(rule.column)
    if rule.metric == "nullValues":
        return Check("nullValues", name, f.count_if(f.col(name).isNull()), low, high, f"nulls from {low} to {high}")
    if rule.metric == "duplicateValues":
        check = _duplicates([name])
        return Check(check.metric, name, check.aggregate, low, high, f"duplicates from {low} to {high}")
    broken, expected = _invalid(contract, rule)
    return Check("invalidValues", name, f.count_if(broken), low, high, expected)


def _invalid(contract: Contract, rule: Rule) -> tuple[Any, str]:
    value = f.col(rule.column)
    typed = next(column.spark_type for column in contract.columns if column.name == rule.column)
    if rule.valid_values:
        return ~value.cast("string").isin(*rule.valid_values), f"one of {', '.join(rule.valid_values)}"
    broken, expected = f.lit(False), []
    if rule.at_least is not None:
        broken, expected = broken | (value < f.lit(rule.at_least).cast(typed)), [f"at least {rule.at_least}"]
    if rule.at_most is not None:
        broken, expected = broken | (value > f.lit(rule.at_most).cast(typed)), [*expected, f"at most {rule.at_most}"]
    return broken, " and ".join(expected)
