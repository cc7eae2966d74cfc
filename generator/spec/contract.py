"""Contracts: Open Data Contract Standard files made into the schema that Spark, Glue and Redshift share.

Decides what a contract binds the platform to. What a schema promises by itself (required, unique, primary key, length)
the Spark runtime checks unasked; `quality` holds the rules beyond that. What contradicts itself: `contract_table.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator.errors import SpecErrors
from generator.model import Column, Contract
from generator.spec.contract_table import SUFFIX, check_beside, check_table
from generator.spec.document import Document, read
from generator.spec.odcs import DataContract, Property
from generator.spec.validation import validate


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
        raise SpecErrors([*error.errors, *check_beside(document, name, error.errors)]) from error
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
    found = check_table(document, name, table)
    if found.errors:
        raise SpecErrors(found.errors)
    return Contract(
        name=table.name,
        version=odcs.version,
        description=odcs.description.purpose or table.description,
        columns=tuple(_to_column(column) for column in table.properties),
        quality=tuple(found.rules),
    )


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
