"""The contracts of sources and datasets as a job sees them: contracts.json beside the code.

Decides how a contract's types become Spark's. It must not know where the file came from or what the checks count.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from pyspark.sql import types as t

from spark_jobs.runtime.errors import UnknownContract

_SIMPLE = {
    "string": t.StringType(),
    "varchar": t.StringType(),
    "int": t.IntegerType(),
    "bigint": t.LongType(),
    "date": t.DateType(),
    "timestamp": t.TimestampType(),
    "boolean": t.BooleanType(),
}
_TYPE = re.compile(r"^(?P<base>[a-z]+)(\((?P<first>\d+)(,\s*(?P<second>\d+))?\))?$")


@dataclass(frozen=True)
class Column:
    """One column; `type` as the contract writes it, for example decimal(18,2)."""

    name: str
    type: str
    nullable: bool
    primary_key: bool
    unique: bool

    @property
    def base(self) -> str:
        """The type without its arguments: string, varchar, int, bigint, decimal, date, timestamp or boolean."""
        return self._parts()[0]

    @property
    def length(self) -> int | None:
        """Most characters that a varchar may have."""
        base, first, _ = self._parts()
        return first if base == "varchar" else None

    @property
    def spark_type(self) -> Any:
        base, first, second = self._parts()
        return t.DecimalType(first or 10, second or 0) if base == "decimal" else _SIMPLE[base]

    def _parts(self) -> tuple[str, int | None, int | None]:
        match = _TYPE.match(self.type)
        if match is None or (match["base"] != "decimal" and match["base"] not in _SIMPLE):
            raise UnknownContract(f"column {self.name}: {self.type!r} is not a type that contracts may use")
        return match["base"], _number(match["first"]), _number(match["second"])


@dataclass(frozen=True)
class Rule:
    """One check: what is counted over a column (or all rows) must lie between `minimum` and `maximum`."""

    metric: str
    column: str | None
    valid_values: tuple[str, ...]
    at_least: str | None
    at_most: str | None
    minimum: int | None
    maximum: int | None
    description: str


@dataclass(frozen=True)
class Contract:
    """The schema and the rules of one source or dataset."""

    name: str
    version: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    schema_sha256: str

    @property
    def primary_key(self) -> list[str]:
        return [column.name for column in self.columns if column.primary_key]

    @property
    def column_names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def struct_type(self) -> Any:
        """The Spark schema. Every field is nullable to Spark: nulls are counted by the checks, not assumed away."""
        return t.StructType([t.StructField(column.name, column.spark_type, True) for column in self.columns])


class Contracts:
    """All contracts of a tenant.

    Raises:
        UnknownContract: on indexing with a name that has no contract.
    """

    def __init__(self, text: str, origin: str) -> None:
        self._documents: dict[str, Any] = json.loads(text)
        self._origin = origin

    def __getitem__(self, name: str) -> Contract:
        if name not in self._documents:
            known = ", ".join(sorted(self._documents))
            raise UnknownContract(f"{name!r} has no contract in {self._origin}; it describes {known}")
        return _contract(self._documents[name])


def _contract(document: dict[str, Any]) -> Contract:
    return Contract(
        name=document["name"],
        version=document["version"],
        columns=tuple(
            Column(
                name=column["name"],
                type=column["type"],
                nullable=column["nullable"],
                primary_key=column["name"] in document["primary_key"],
                unique=column["unique"],
            )
            for column in document["columns"]
        ),
        rules=tuple(
            Rule(
                metric=rule["metric"],
                column=rule["column"],
                valid_values=tuple(rule["valid_values"]),
                at_least=rule["at_least"],
                at_most=rule["at_most"],
                minimum=rule["minimum"],
                maximum=rule["maximum"],
                description=rule["description"],
            )
            for rule in document["quality"]
        ),
        schema_sha256=document["schema_sha256"],
    )


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)
