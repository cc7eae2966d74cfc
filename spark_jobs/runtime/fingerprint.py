"""One hash for a multiset of rows, whatever their order and however they lie in files.

Every row's SHA-256 is cut into four lanes of 64 bits and each lane is summed; the sums, the row count and the schema
are hashed again. Sums commute, so neither order nor partitions matter, and a row that occurs twice counts twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from pyspark.sql import functions as f

LANES = 4
_LANE_DIGITS = 16
_PREFIX = "_lane_"


def lane_sums(row_text: Any) -> list[Any]:
    """Return the aggregates to select over rows, given each row as one unambiguous string column."""
    digest = f.sha2(row_text, 256)
    return [
        f.coalesce(f.sum(_lane(digest, lane)), f.lit(0)).cast("string").alias(f"{_PREFIX}{lane}")
        for lane in range(LANES)
    ]


def row_text(columns: list[str]) -> Any:
    """Return a row as JSON with its nulls: names, types of literals and quoting make it unambiguous."""
    return f.to_json(f.struct(*columns), {"ignoreNullFields": "false"})


def fingerprint(aggregates: Mapping[str, Any], rows: int, schema: str) -> str:
    """Return the hash, hexadecimal, from the row that held `lane_sums`, the row count and a name for the schema."""
    sums = [str(aggregates[f"{_PREFIX}{lane}"]) for lane in range(LANES)]
    return hashlib.sha256("|".join([schema, str(rows), *sums]).encode()).hexdigest()


def _lane(digest: Any, lane: int) -> Any:
    digits = f.substring(digest, 1 + lane * _LANE_DIGITS, _LANE_DIGITS)
    return f.conv(digits, 16, 10).cast("decimal(20,0)")
