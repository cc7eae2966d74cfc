"""A contract's quality checks as rules that the Spark runtime judges.

Decides which checks of the standard are kept, and how an operator becomes a range of counts. A check that would not be
judged is refused: a promise that nobody checks reads like one that holds. It must not know other files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from math import ceil, floor

from generator.errors import ContractError, SpecError, UncheckedRule, one_of, shown
from generator.model import TYPE_PATTERN, QualityRule
from generator.spec.document import Document
from generator.spec.odcs import Property, Quality, SchemaObject
from generator.spec.yaml_tree import Location

COLUMN_METRICS = ("nullValues", "invalidValues", "duplicateValues")
JUDGED_BOUNDS = ("minimum", "maximum")
DESCRIPTIVE_OPTIONS = ("format", "timezone", "default_timezone")
OPERATORS = (
    "must_be",
    "must_be_greater_than",
    "must_be_greater_or_equal_to",
    "must_be_less_than",
    "must_be_less_or_equal_to",
    "must_be_between",
)


@dataclass
class Found:
    """What one part of a contract gave."""

    rules: list[QualityRule] = field(default_factory=list)
    errors: list[SpecError] = field(default_factory=list)


def bounds_rules(document: Document, location: Location, column: Property) -> Found:
    """Return the rule that a column's logicalTypeOptions ask for: no value outside minimum and maximum."""
    found, here = Found(), (*location, "logicalTypeOptions")
    options = column.logical_type_options
    for name in sorted(options.model_fields_set - {*JUDGED_BOUNDS, *DESCRIPTIVE_OPTIONS}):
        key = str(type(options).model_fields[name].alias)
        found.errors.append(
            _unchecked(
                document, (*here, key), f"{key!r} bounds values in a way that is not checked", "minimum or maximum"
            )
        )
    bounds = {name: document.text((*here, name)) for name in JUDGED_BOUNDS if getattr(options, name) is not None}
    for name, text in bounds.items():
        if not fits(column.physical_type, text) or column.logical_type in {"string", "boolean"}:
            found.errors.append(_does_not_fit(document, (*here, name), text, column))
    if bounds and not found.errors:
        found.rules.append(
            QualityRule(
                metric="invalidValues",
                column=column.name,
                at_least=bounds.get("minimum"),
                at_most=bounds.get("maximum"),
                description=f"{column.name} within its bounds",
            )
        )
    return found


def quality_rules(document: Document, location: Location, element: Property | SchemaObject) -> Found:
    """Return the rules of the `quality` list of a column or the table. Checks of type text are for people: no rule."""
    found = Found()
    column = element if isinstance(element, Property) else None
    for index, check in enumerate(element.quality):
        here = (*location, "quality", index)
        if check.type == "text":
            continue
        errors = [*_kind(document, here, check, column), *_arguments(document, here, check, element)]
        errors += _operator(document, here, check)
        if errors:
            found.errors += errors
        elif not _is_implied(check, element):
            found.rules.append(_rule(document, here, check, column))
    return found


def fits(physical_type: str, text: str) -> bool:
    """Whether `text` can be a value of a column of `physical_type`."""
    match = TYPE_PATTERN.match(physical_type)
    base = physical_type.partition("(")[0]
    if base in {"int", "bigint"}:
        return re.fullmatch(r"[+-]?[0-9]{1,18}", text, re.ASCII) is not None
    if base == "decimal" and match is not None:
        return _fits_decimal(text, int(match["precision"]), int(match["scale"]))
    if base in {"date", "timestamp"}:
        try:
            _ = date.fromisoformat(text) if base == "date" else datetime.fromisoformat(text)
        except ValueError:
            return False
        return True
    if base == "boolean":
        return text in {"true", "false"}
    return match is not None and (match["length"] is None or len(text) <= int(match["length"]))


def _fits_decimal(text: str, precision: int, scale: int) -> bool:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    return number.is_finite() and abs(number) < Decimal(10) ** (precision - scale) and round(number, scale) == number


def _rule(document: Document, location: Location, check: Quality, column: Property | None) -> QualityRule:
    valid = check.arguments.get("validValues")
    count = len(valid) if isinstance(valid, list) else 0
    values = [document.text((*location, "arguments", "validValues", index)) for index in range(count)]
    minimum, maximum = _range(check)
    return QualityRule(
        metric=check.metric,  # type: ignore[arg-type]  # _kind has refused the others
        column=column.name if column else None,
        valid_values=tuple(values),
        minimum=minimum,
        maximum=maximum,
        description=check.description or check.name,
    )


def _range(check: Quality) -> tuple[int | None, int | None]:
    """Return the counts that an operator allows, both ends included; a count is never below 0."""
    if check.must_be is not None:
        return _lower(check.must_be), floor(check.must_be)
    if check.must_be_between is not None:
        low, high = check.must_be_between
        return _lower(low), floor(high)
    if check.must_be_greater_than is not None:
        return _lower(floor(check.must_be_greater_than) + 1), None
    if check.must_be_greater_or_equal_to is not None:
        return _lower(check.must_be_greater_or_equal_to), None
    if check.must_be_less_than is not None:
        return None, ceil(check.must_be_less_than) - 1
    return None, floor(check.must_be_less_or_equal_to or 0)


def _lower(number: float) -> int | None:
    return ceil(number) if number > 0 else None


def _kind(document: Document, location: Location, check: Quality, column: Property | None) -> Iterator[SpecError]:
    """The check is one that the runtime judges, at a place where it means something."""
    allowed = COLUMN_METRICS if column else ("duplicateValues", "rowCount")
    if check.type != "library":
        yield _unchecked(document, (*location, "type"), f"checks of type {check.type!r} are not run", "library or text")
    elif check.rule is not None:
        yield _unchecked(document, (*location, "rule"), "'rule' is the standard's older word for a metric", "metric")
    elif check.metric not in allowed:
        where = "a column" if column else "a table"
        problem = "it has no metric" if check.metric is None else f"{check.metric!r} is not checked on {where}"
        yield _unchecked(document, (*location, "metric"), problem, one_of(allowed))
    if check.unit == "percent":
        yield _unchecked(document, (*location, "unit"), "'percent' is not judged, rows are counted", "rows")


def _operator(document: Document, location: Location, check: Quality) -> Iterator[SpecError]:
    """Exactly one operator, and one that some count can satisfy."""
    keys = {name: str(Quality.model_fields[name].alias) for name in Quality.model_fields if name.startswith("must_")}
    given = [name for name in keys if getattr(check, name) is not None]
    allowed = ", ".join(keys[name] for name in OPERATORS)
    if len(given) != 1:
        which = ", ".join(keys[name] for name in given) or "none"
        yield ContractError(
            document.at(location),
            f"a check has one operator, this one has {len(given)} ({which})",
            value=[keys[name] for name in given] or None,
            expected=f"exactly one of {allowed}",
            why="the operator says which counts pass",
            fix="write mustBe: 0 when nothing may be found",
        )
    elif given[0] not in OPERATORS:
        key = keys[given[0]]
        yield _unchecked(document, (*location, key), f"{key!r} leaves a hole in a range, which is not judged", allowed)
    else:
        minimum, maximum = _range(check)
        if maximum is not None and maximum < (minimum or 0):
            key = keys[given[0]]
            yield ContractError(
                document.at((*location, key)),
                "no count satisfies this check",
                value=getattr(check, given[0]),
                expected="a range of whole numbers from 0, the smaller first",
                why="the job could never publish",
                fix="correct the bounds",
            )


def _arguments(
    document: Document, location: Location, check: Quality, element: Property | SchemaObject
) -> Iterator[SpecError]:
    """invalidValues has values of the column's type; a table's duplicateValues names its primary key."""
    here = (*location, "arguments")
    wanted = {"invalidValues": "validValues"}.get(str(check.metric))
    if isinstance(element, SchemaObject) and check.metric == "duplicateValues":
        wanted = "properties"
    for name in sorted(check.arguments.keys() - {wanted}):
        yield _unchecked(document, (*here, name), f"argument {shown(name)} is not used", wanted or "no argument")
    if wanted is None:
        return
    values = check.arguments.get(wanted)
    if not isinstance(values, list) or not values:
        yield ContractError(
            document.at(here),
            f"{check.metric} has no list of {wanted}",
            value=None,
            expected=f"arguments: {{{wanted}: [...]}}",
            why="without it there is nothing to compare with",
            fix=f"add {wanted} with at least one entry",
        )
    elif isinstance(element, SchemaObject):
        yield from _key_only(document, (*here, wanted), values, element)
    else:
        for index in range(len(values)):
            text = document.text((*here, wanted, index))
            if not fits(element.physical_type, text):
                yield _does_not_fit(document, (*here, wanted, index), text, element)


def _key_only(
    document: Document, location: Location, values: Sequence[object], table: SchemaObject
) -> Iterator[SpecError]:
    key = [column.name for column in table.properties if column.primary_key]
    if sorted(map(str, values)) != sorted(key):
        yield _unchecked(
            document,
            location,
            "duplicates over several columns are counted for the primary key only",
            f"[{', '.join(key)}]",
        )


def _is_implied(check: Quality, element: Property | SchemaObject) -> bool:
    """Whether the schema promises the same, so that the runtime checks it unasked."""
    if check.metric == "duplicateValues":
        return isinstance(element, SchemaObject) or (element.unique and _range(check) == (None, 0))
    if check.metric == "nullValues" and isinstance(element, Property):
        return (element.required or element.primary_key) and _range(check) == (None, 0)
    return False


def _does_not_fit(document: Document, location: Location, text: str, column: Property) -> ContractError:
    return ContractError(
        document.at(location),
        f"{shown(text)} cannot be compared with values of {column.name}, {column.physical_type}",
        value=text,
        expected=f"a value of type {column.physical_type}",
        why="every row would fail, or none",
        fix="correct the value or the column's physicalType",
    )


def _unchecked(document: Document, location: Location, problem: str, expected: str) -> UncheckedRule:
    node = document.node(location)
    return UncheckedRule(
        document.at(location, key=node is not None and isinstance(node.value, (dict, list))),
        problem,
        value=node.plain() if node else None,
        expected=expected,
        why="a promise that nobody checks reads like one that holds",
        fix="write the check in another way, or describe it with type: text",
    )
