"""What a contract says of its data, in the words that Spark, Glue and Redshift are given.

Decides which types and checks there are. It must not know how the standard spells them (`spec/odcs.py`).
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from generator.model.shapes import Identifier
from generator.model.strict import Strict

_NUMBER = "[1-9][0-9]*|0"
TYPE_PATTERN = re.compile(
    rf"^(string|varchar\((?P<length>{_NUMBER})\)|int|bigint"
    rf"|decimal\((?P<precision>{_NUMBER}),(?P<scale>{_NUMBER})\)|date|timestamp|boolean)$"
)


class Column(Strict):
    """One column of a contract. `type` is written as in the contract's physicalType, for example decimal(18,2)."""

    name: Identifier
    type: Annotated[str, Field(pattern=re.sub(r"\?P<[a-z]+>", "", TYPE_PATTERN.pattern))]
    nullable: bool = True
    primary_key: bool = False
    primary_key_position: Annotated[int, Field(ge=1)] | None = None
    unique: bool = False
    description: str = ""
    classification: str | None = None


class QualityRule(Strict):
    """One ODCS library check, judged by the Spark runtime before data is offered for publishing.

    `metric` counts over `column` (or the whole dataset for rowCount); the count must lie in [`minimum`, `maximum`].
    """

    metric: Literal["nullValues", "duplicateValues", "invalidValues", "rowCount"]
    column: Identifier | None = None
    valid_values: tuple[str, ...] = ()
    at_least: str | None = None
    at_most: str | None = None
    minimum: int | None = None
    maximum: int | None = 0
    description: str = ""


class Contract(Strict):
    """The schema of a source or a dataset, read from an Open Data Contract Standard v3 file."""

    name: Identifier
    version: Annotated[str, Field(pattern=r"^[0-9]+[.][0-9]+[.][0-9]+$")]
    description: str = ""
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    quality: tuple[QualityRule, ...] = ()

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Columns that identify a row, in the order of their positions, then of the columns."""
        keys = [column for column in self.columns if column.primary_key]
        keys.sort(key=lambda column: column.primary_key_position or len(self.columns) + 1)
        return tuple(column.name for column in keys)
