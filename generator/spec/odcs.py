"""The Open Data Contract Standard v3 as far as a contract file may use it.

Decides which keys and shapes are legal. Keys that describe and do not bind (servers, team, tags, …) are taken as they
are. It must not know what the platform makes of a contract (`contract.py`).

Source: ODCS v3.1.0, JSON schema of 2025-12.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

from generator.model import TYPE_PATTERN
from generator.model.mistake import mistake
from generator.model.shapes import Identifier

TYPES_IN_WORDS = "string, varchar(n), int, bigint, decimal(p,s), date, timestamp or boolean"
LONGEST_VARCHAR = 65535
WIDEST_DECIMAL = 38

Count = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]
"""What a check may find; some operators are given between two whole numbers."""
Text = Annotated[str, Field(min_length=1)]


def _known_type(text: str) -> str:
    """Return a physical type without inner spaces; Redshift's limits on length and precision hold."""
    written = text.replace(" ", "")
    match = TYPE_PATTERN.match(written)
    if match:
        length, precision, scale = (int(match[name] or 1) for name in ("length", "precision", "scale"))
        scale = int(match["scale"] or 0)
        if 1 <= length <= LONGEST_VARCHAR and 1 <= precision <= WIDEST_DECIMAL and scale <= precision:
            return written
    lowered = written.lower()
    raise mistake(
        "type",
        "{value} is not a type of ours",
        expected=f"{TYPES_IN_WORDS}; n to {LONGEST_VARCHAR}, p to {WIDEST_DECIMAL}, s to p",
        why="Spark, Glue and Redshift must all have the same type",
        fix=f"write {lowered}" if lowered != written and TYPE_PATTERN.match(lowered) else "choose one of these types",
    )


def _scalar(value: JsonValue) -> JsonValue:
    if value is None or (isinstance(value, str | int | float) and not isinstance(value, bool)):
        return value
    raise mistake(
        "bound",
        "{value} bounds nothing",
        expected="a number, a date or a time",
        why="values are compared with it",
        fix="write the smallest or the largest value that is allowed",
    )


Bound = Annotated[JsonValue, AfterValidator(_scalar)]
PhysicalType = Annotated[str, AfterValidator(_known_type)]


class Odcs(BaseModel):
    """Closed as the standard's own schema is: an unknown key is a mistake."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, alias_generator=to_camel, use_attribute_docstrings=True
    )


class Described(Odcs):
    """Keys of any element that people and catalogues read and the platform does not."""

    id: JsonValue = None
    business_name: JsonValue = None
    physical_name: JsonValue = None
    authoritative_definitions: JsonValue = None
    tags: JsonValue = None
    custom_properties: JsonValue = None
    relationships: JsonValue = None


class Quality(Odcs):
    """One quality check."""

    id: JsonValue = None
    name: str = ""
    description: str = ""
    type: Literal["library", "text", "sql", "custom"] = "library"
    """library is judged on every run, text is read by people."""
    metric: Literal["nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"] | None = None
    """What is counted."""
    rule: JsonValue = None
    arguments: dict[str, JsonValue] = {}
    unit: Literal["rows", "percent"] = "rows"
    must_be: Count | None = None
    must_not_be: Count | None = None
    must_be_greater_than: Count | None = None
    must_be_greater_or_equal_to: Count | None = None
    must_be_less_than: Count | None = None
    must_be_less_or_equal_to: Count | None = None
    must_be_between: Annotated[tuple[Count, ...], Field(min_length=2, max_length=2)] | None = None
    must_not_be_between: Annotated[tuple[Count, ...], Field(min_length=2, max_length=2)] | None = None
    query: JsonValue = None
    engine: JsonValue = None
    implementation: JsonValue = None
    authoritative_definitions: JsonValue = None
    business_impact: JsonValue = None
    custom_properties: JsonValue = None
    dimension: JsonValue = None
    method: JsonValue = None
    schedule: JsonValue = None
    scheduler: JsonValue = None
    severity: JsonValue = None
    tags: JsonValue = None


class TypeOptions(Odcs):
    """Bounds on a column's values."""

    minimum: Bound = None
    """Every value is at least this."""
    maximum: Bound = None
    """Every value is at most this."""
    exclusive_minimum: JsonValue = None
    exclusive_maximum: JsonValue = None
    multiple_of: JsonValue = None
    min_length: JsonValue = None
    max_length: JsonValue = None
    pattern: JsonValue = None
    format: JsonValue = None
    timezone: JsonValue = None
    default_timezone: JsonValue = None


class Property(Described):
    """A column."""

    name: Identifier
    """The column's name."""
    description: str = ""
    logical_type: Literal["string", "date", "timestamp", "number", "integer", "boolean"]
    """What kind of value it is; must agree with physicalType."""
    logical_type_options: TypeOptions = TypeOptions()
    physical_type: PhysicalType
    """The column's type in Spark, Glue and Redshift."""
    required: bool = False
    """Whether the column never holds null."""
    unique: bool = False
    """Whether no value occurs twice."""
    primary_key: bool = False
    """Whether the column is part of what identifies a row."""
    primary_key_position: Annotated[int, Field(ge=-1)] = -1
    """Position in the key, from 1; -1 when it has none."""
    classification: str | None = None
    quality: tuple[Quality, ...] = ()
    partitioned: JsonValue = None
    partition_key_position: JsonValue = None
    encrypted_name: JsonValue = None
    transform_source_objects: JsonValue = None
    transform_logic: JsonValue = None
    transform_description: JsonValue = None
    examples: JsonValue = None
    critical_data_element: JsonValue = None


class SchemaObject(Described):
    """The table or file."""

    name: Identifier
    """The source's or dataset's name, the same as the file's."""
    description: str = ""
    logical_type: Literal["object"] = "object"
    physical_type: str | None = None
    data_granularity_description: JsonValue = None
    properties: Annotated[tuple[Property, ...], Field(min_length=1)]
    """The columns, in order."""
    quality: tuple[Quality, ...] = ()


class Description(Odcs):
    """What the data is for."""

    purpose: str = ""
    usage: JsonValue = None
    limitations: JsonValue = None
    authoritative_definitions: JsonValue = None
    custom_properties: JsonValue = None


class DataContract(Odcs):
    """One contract file, `contracts/<name>.odcs.yaml`."""

    api_version: Annotated[str, Field(pattern=r"^v3[.][0-9]+[.][0-9]+$")]
    """Version of the standard."""
    kind: Literal["DataContract"]
    id: Text
    """A name for the contract that no other has, for example <tenant>.<dataset>."""
    name: Identifier | None = None
    version: Annotated[str, Field(pattern=r"^[0-9]+[.][0-9]+[.][0-9]+$")]
    """Version of this contract, three numbers."""
    status: Literal["proposed", "draft", "active", "deprecated", "retired"]
    """How far the contract has come."""
    description: Description = Description()
    schema_: Annotated[tuple[SchemaObject, ...], Field(alias="schema", min_length=1, max_length=1)]
    """One table or file."""
    domain: JsonValue = None
    tenant: JsonValue = None
    data_product: JsonValue = None
    tags: JsonValue = None
    servers: JsonValue = None
    support: JsonValue = None
    price: JsonValue = None
    team: JsonValue = None
    roles: JsonValue = None
    sla_default_element: JsonValue = None
    sla_properties: JsonValue = None
    authoritative_definitions: JsonValue = None
    custom_properties: JsonValue = None
    contract_created_ts: JsonValue = None
