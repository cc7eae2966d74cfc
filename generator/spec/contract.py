"""Contracts: Open Data Contract Standard files made into the schema that Spark, Glue and Redshift share.

Decides what a contract binds the platform to, and refuses a promise that nobody would check. What a schema promises by
itself (required, unique, primary key, length) the Spark runtime checks unasked; `quality` holds the rules beyond that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from generator.errors import ContractError, SpecError, SpecErrors, WrongFolder, shown
from generator.model import Column, Contract
from generator.spec.contract_rules import Found, bounds_rules, quality_rules
from generator.spec.document import Document, read
from generator.spec.odcs import DataContract, Property
from generator.spec.validation import validate
from generator.spec.yaml_tree import Location

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


def contract_path(tenant: str, name: str) -> str:
    return f"tenants/{tenant}/contracts/{name}{SUFFIX}"


def contract_names(root: Path, tenant: str) -> list[str]:
    """Return the names of the contract files in a tenant's folder."""
    folder = root / "tenants" / tenant / "contracts"
    return sorted(path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}"))


def load_contract(root: Path, tenant: str, name: str) -> Contract:
    """Return the contract of one source or dataset.

    Raises:
        SpecErrors: every mistake of the file.
    """
    document = read(root, contract_path(tenant, name))
    try:
        odcs = validate(document, DataContract)
    except SpecErrors as error:
        raise SpecErrors([*error.errors, *_mistakes_of_sound_columns(document)]) from error
    return to_contract(document, odcs, name)


def to_contract(document: Document, odcs: DataContract, name: str) -> Contract:
    """Return what a legal ODCS file binds the platform to.

    Args:
        document: where `odcs` was read from, for places and for numbers as they were written.
        name: the name by which the file is found.

    Raises:
        SpecErrors: parts of the contract contradict each other, or promise what is not checked.
    """
    table = odcs.schema_[0]
    errors = [*_names(document, odcs, name), *_keys(document, table.properties)]
    rules = []
    for index, column in enumerate(table.properties):
        location: Location = (*PROPERTIES, index)
        errors += _column(document, location, column)
        for found in _rules(document, location, column):
            rules += found.rules
            errors += found.errors
    whole = quality_rules(document, ("schema", 0), table)
    rules, errors = [*rules, *whole.rules], [*errors, *whole.errors]
    if errors:
        raise SpecErrors(errors)
    return Contract(
        name=table.name,
        version=odcs.version,
        description=odcs.description.purpose or table.description,
        columns=tuple(_to_column(column) for column in table.properties),
        quality=tuple(rules),
    )


def _mistakes_of_sound_columns(document: Document) -> Iterator[SpecError]:
    """Yield what is wrong with the columns that have the right shape, where others have not."""
    properties = document.node(PROPERTIES)
    for index, node in enumerate(properties.value if properties and isinstance(properties.value, list) else []):
        location: Location = (*PROPERTIES, index)
        try:
            column = Property.model_validate_json(json.dumps(node.plain()))
        except ValidationError:
            continue  # told already, with the rest of the file's shape
        yield from _column(document, location, column)
        for found in _rules(document, location, column):
            yield from found.errors


def _rules(document: Document, location: Location, column: Property) -> tuple[Found, Found]:
    return bounds_rules(document, location, column), quality_rules(document, location, column)


def contract_json(contract: Contract) -> dict[str, Any]:
    """Return the contract as the Spark runtime reads it from contracts.json."""
    return {
        "name": contract.name,
        "version": contract.version,
        "description": contract.description,
        "columns": [
            {
                "name": column.name,
                "type": column.type,
                "nullable": column.nullable,
                "primary_key": column.primary_key,
                "unique": column.unique,
                "description": column.description,
            }
            for column in contract.columns
        ],
        "primary_key": list(contract.primary_key),
        "quality": [rule.model_dump(mode="json") for rule in contract.quality],
        "schema_sha256": schema_sha256(contract),
    }


def contracts_json(contracts: Mapping[str, Contract]) -> str:
    """Return contracts.json: every contract by name, the same bytes for the same contracts."""
    documents = {name: contract_json(contract) for name, contract in contracts.items()}
    return json.dumps(documents, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def schema_sha256(contract: Contract) -> str:
    """Return the fingerprint of names, types and nullability, in order: what a table must have to take the data."""
    schema = [[column.name, column.type, column.nullable] for column in contract.columns]
    return hashlib.sha256(json.dumps(schema, separators=(",", ":")).encode()).hexdigest()


def _to_column(column: Property) -> Column:
    return Column(
        name=column.name,
        type=column.physical_type,
        nullable=not (column.required or column.primary_key),
        primary_key=column.primary_key,
        primary_key_position=column.primary_key_position if column.primary_key_position > 0 else None,
        unique=column.unique,
        description=column.description,
        classification=column.classification,
    )


def _names(document: Document, odcs: DataContract, name: str) -> Iterator[SpecError]:
    """The file, the contract and its schema bear one name."""
    named: list[tuple[Location, str | None]] = [(("schema", 0, "name"), odcs.schema_[0].name), (("name",), odcs.name)]
    for location, written in named:
        if written not in {name, None}:
            yield WrongFolder(
                document.at(location),
                f"{shown(written)} stands in the file {name + SUFFIX!r}",
                value=written,
                expected=repr(name),
                why="specs and jobs find a contract by the file's name",
                fix=f"write name: {name}, or rename the file to {written}{SUFFIX}",
            )


def _keys(document: Document, columns: tuple[Property, ...]) -> Iterator[SpecError]:
    """Column names and key positions occur once; positions count the key's columns."""
    keys = [column for column in columns if column.primary_key]
    names: set[str] = set()
    positions: set[int] = set()
    for index, column in enumerate(columns):
        if column.name in names:
            yield ContractError(
                document.at((*PROPERTIES, index, "name")),
                f"column {shown(column.name)} stands here a second time",
                value=column.name,
                expected="each column once",
                why="a table cannot have two columns of one name",
                fix="rename or remove one of them",
            )
        names.add(column.name)
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


def _column(document: Document, location: Location, column: Property) -> Iterator[SpecError]:
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
