"""Parquet against Redshift's column types: what may be loaded into what, and the exact text that goes over.

Decides compatibility and conversion; it must not know where files come from or how SQL is run.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from sandbox.redshift.columns import Column, ParquetError

BATCH_ROWS = 65_536
NUMERIC_PRECISION_MAXIMUM = 38

ARROW_TYPES: dict[str, pa.DataType] = {
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "float4": pa.float32(),
    "float8": pa.float64(),
    "bool": pa.bool_(),
    "varchar": pa.string(),
    "bpchar": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}
ALSO_ACCEPTED: dict[str, tuple[pa.DataType, ...]] = {
    "int2": (pa.int8(),),
    "varchar": (pa.large_string(),),
    "bpchar": (pa.large_string(),),
}


def rows_as_csv(content: bytes, columns: Sequence[Column], uri: str) -> Iterator[tuple[bytes, int]]:
    """Yield a Parquet file as CSV for PostgreSQL's COPY, in pieces of (text, rows).

    Columns are matched by position. Values are exact: decimals and dates never pass through floating point. NULL is
    an empty field, an empty string is `""`.

    Raises:
        ParquetError: not a Parquet file, another number of columns, a type that does not fit, a text too long.
    """
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        _check_schema(file.schema_arrow, columns, uri)
        for batch in file.iter_batches(BATCH_ROWS):
            yield _to_csv(batch, columns, uri), batch.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise ParquetError(f"Spectrum Scan Error: {uri} is not a valid Parquet File ({error})") from error


def accepts(column: Column, kind: pa.DataType) -> bool:
    """Whether COPY loads a Parquet column of this type. It never widens: a decimal needs its own precision too."""
    if column.type_name == "numeric":
        return pa.types.is_decimal(kind) and (kind.precision, kind.scale) == (column.precision, column.scale)
    if pa.types.is_timestamp(kind):
        return column.type_name == "timestamp" or (column.type_name == "timestamptz" and kind.tz is not None)
    return kind == ARROW_TYPES[column.type_name] or kind in ALSO_ACCEPTED.get(column.type_name, ())


def _check_schema(schema: pa.Schema, columns: Sequence[Column], uri: str) -> None:
    if len(schema) != len(columns):
        raise ParquetError(
            f"Spectrum Scan Error: Number of columns in file {uri} is {len(schema)}, and the table expects"
            f" {len(columns)}: {', '.join(column.name for column in columns)}"
        )
    for field, column in zip(schema, columns, strict=True):
        if not accepts(column, field.type):
            raise ParquetError(
                f"Spectrum Scan Error: File '{uri}' has an incompatible Parquet schema for column"
                f" '{column.name}'. Column type: {column}, Parquet schema: {field.name} {field.type}"
            )


def _to_csv(batch: pa.RecordBatch, columns: Sequence[Column], uri: str) -> bytes:
    arrays = []
    for array, column in zip(batch.columns, columns, strict=True):
        _check_length(array, column, uri)
        # A Parquet timestamp is a moment; the warehouse keeps its UTC wall time.
        arrays.append(array.cast(pa.timestamp("us")) if pa.types.is_timestamp(array.type) else array)
    target = io.BytesIO()
    table = pa.Table.from_arrays(arrays, names=[str(position) for position in range(len(arrays))])
    pa.csv.write_csv(table, target, pa.csv.WriteOptions(include_header=False))
    return target.getvalue()


def _check_length(array: pa.Array, column: Column, uri: str) -> None:
    """VARCHAR(n) holds n bytes in Redshift, n characters in PostgreSQL."""
    if column.length is None or len(array) == array.null_count:
        return
    longest = pc.max(pc.binary_length(array)).as_py()
    if longest > column.length:
        raise ParquetError(
            f"Spectrum Scan Error: The length of the data column {column.name} is longer than the length defined in"
            f" the table. Table: {column.length}, Data: {longest}, File name: {uri}"
        )


def as_parquet(columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> bytes:
    """Return rows as one Parquet file with the types that Redshift would write."""
    schema = pa.schema([pa.field(column.name, _arrow_type(column)) for column in columns])
    arrays = [pa.array([row[position] for row in rows], type=field.type) for position, field in enumerate(schema)]
    target = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), target)
    return target.getvalue()


def _arrow_type(column: Column) -> pa.DataType:
    if column.type_name == "numeric":
        return pa.decimal128(column.precision or NUMERIC_PRECISION_MAXIMUM, column.scale or 0)
    return ARROW_TYPES[column.type_name]
