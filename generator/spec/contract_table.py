"""A contract's table judged: its name, its columns' names and types, its key, its rules.

Decides which contracts contradict themselves, and what can still be judged of them beside a mistake of shape. It must
not know what a contract is made into (`contract.py`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from generator.errors import ContractError, SpecError, WrongFolder, shown
from generator.spec.contract_rules import Found, bounds_rules, quality_rules
from generator.spec.document import Document
from generator.spec.odcs import Property, SchemaObject
from generator.spec.readable import lies_in
from generator.spec.yaml_tree import Location, Node, dotted

Model = TypeVar("Model", bound=BaseModel)

SUFFIX = ".odcs.yaml"

LOGICAL_TYPES = {
    "string": ("string", "varchar"),
    "integer": ("int", "bigint"),
    "number": ("decimal",),
    "date": ("date",),
    "timestamp": ("timestamp",),
    "boolean": ("boolean",),
}
"""{logicalType: physical types that hold such values}. No float: sums of money must not depend on their order."""

ADDED_COLUMNS = ("as_of", "version_id")
"""Columns that the catalogue and the warehouse add to every table."""

PROPERTIES: Location = ("schema", 0, "properties")


def check_table(document: Document, name: str, table: SchemaObject) -> Found:
    """Return the rules that a contract of the right shape makes, and every mistake in it.

    Args:
        document: where `table` was read from, for places and for numbers as they were written.
        name: the name by which the file is found.
    """
    checked = Found(errors=[*_names(document, name), *_repeated(document), *_key(document, table.properties)])
    for index, column in enumerate(table.properties):
        _add(checked, _check_column(document, index, column))
    _add(checked, quality_rules(document, ("schema", 0), table))
    return checked


def check_beside(document: Document, name: str, errors: Collection[SpecError]) -> list[SpecError]:
    """Return what else is wrong with a contract, beside its mistakes of shape and not because of them."""
    told = {error.field for error in errors}
    table = _known(document, ("schema", 0), SchemaObject, told) if "" not in told else None
    checked = check_table(document, name, table) if table else _check_columns(document, name, told)
    return [error for error in checked.errors if not _is_told(error.field, told)]


def _check_columns(document: Document, name: str, told: Collection[str]) -> Found:
    """Judge each column whose name and types are known."""
    checked = Found(errors=[*_names(document, name), *_repeated(document)])
    for index in range(len(_properties(document))):
        column = _known(document, (*PROPERTIES, index), Property, told)
        if column:
            _add(checked, _check_column(document, index, column))
    return checked


def _known(document: Document, location: Location, model: type[Model], told: Collection[str]) -> Model | None:
    """Return what stands at a location without the keys that are told, None when it needs one of them."""
    node = document.node(location)
    values = node.plain() if node else None
    if not isinstance(values, dict):
        return None
    known = {key: value for key, value in values.items() if not _is_told(dotted((*location, key)), told)}
    try:
        return model.model_validate_json(json.dumps(known))
    except ValidationError:
        return None  # told: a key is missing or wrong


def _is_told(field: str, told: Collection[str]) -> bool:
    """Return whether a mistake at a field, in it or around it was told; what is told of the whole file is not meant."""
    return any(lies_in(field, other) or lies_in(other, field) for other in told if other)


def _check_column(document: Document, index: int, column: Property) -> Found:
    location: Location = (*PROPERTIES, index)
    checked = Found(errors=list(_types(document, location, column)))
    _add(checked, bounds_rules(document, location, column))
    _add(checked, quality_rules(document, location, column))
    return checked


def _add(checked: Found, found: Found) -> None:
    checked.rules += found.rules
    checked.errors += found.errors


def _properties(document: Document) -> list[Node]:
    node = document.node(PROPERTIES)
    return node.value if node and isinstance(node.value, list) else []


def _names(document: Document, name: str) -> Iterator[SpecError]:
    """The file, the contract and its schema bear one name."""
    locations: tuple[Location, ...] = (("schema", 0, "name"), ("name",))
    for location in locations:
        node = document.node(location)
        written = node.plain() if node else None
        if written not in (name, None):
            yield WrongFolder(
                document.at(location),
                f"{shown(written)} stands in the file {name + SUFFIX!r}",
                value=written,
                expected=repr(name),
                why="specs and jobs find a contract by the file's name",
                fix=f"write name: {name}, or rename the file to {written}{SUFFIX}",
            )


def _repeated(document: Document) -> Iterator[SpecError]:
    """No column name occurs twice, also beside columns that could not be read."""
    names: set[str] = set()
    for index in range(len(_properties(document))):
        location: Location = (*PROPERTIES, index, "name")
        name = document.text(location)
        if name and name in names:
            yield ContractError(
                document.at(location),
                f"column {shown(name)} stands here a second time",
                value=name,
                expected="each column once",
                why="a table cannot have two columns of one name",
                fix="rename or remove one of them",
            )
        names.add(name)


def _key(document: Document, columns: tuple[Property, ...]) -> Iterator[SpecError]:
    """Positions count the key's columns."""
    keys = [column for column in columns if column.primary_key]
    positions: set[int] = set()
    for index, column in enumerate(columns):
        position = column.primary_key_position
        if position == -1:
            continue
        if not column.primary_key or position in positions or not 1 <= position <= len(keys):
            yield ContractError(
                document.at((*PROPERTIES, index, "primaryKeyPosition")),
                f"{position} is not a free position in a key of {len(keys)} column(s)",
                value=position,
                expected="1, 2, … over the columns that have primaryKey: true, each once",
                why="the positions give the order of the key",
                fix="number the key's columns from 1, and no others",
            )
        positions.add(position)


def _types(document: Document, location: Location, column: Property) -> Iterator[SpecError]:
    """Types agree with each other, and the name is free."""
    base = column.physical_type.partition("(")[0]
    fitting = LOGICAL_TYPES[column.logical_type]
    if base not in fitting:
        logical = next(kind for kind, physical in LOGICAL_TYPES.items() if base in physical)
        yield ContractError(
            document.at((*location, "physicalType")),
            f"{column.physical_type!r} does not hold the logicalType {column.logical_type!r}",
            value=column.physical_type,
            expected=f"{' or '.join(fitting)} for {column.logical_type}",
            why="people read the logical type, machines the physical one; they must mean the same",
            fix=f"write logicalType: {logical}, or change physicalType to {fitting[0]}",
        )
    if column.name in ADDED_COLUMNS:
        yield ContractError(
            document.at((*location, "name")),
            f"{column.name!r} is a column that every table gets",
            value=column.name,
            expected=f"a name other than {' and '.join(ADDED_COLUMNS)}",
            why="the catalogue and the warehouse add it to say which version a row belongs to",
            fix=f"rename it, for example to business_{column.name}",
        )
