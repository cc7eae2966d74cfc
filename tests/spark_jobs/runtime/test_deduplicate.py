from typing import Any

import pytest

from spark_jobs.runtime.deduplicate import deduplicate
from spark_jobs.runtime.records import first_code

pytestmark = pytest.mark.spark

ROWS = [
    ("a", 1, "a1", "", "superseded"),
    ("a", 3, "a3", "", ""),
    ("a", 2, "a2", "", "superseded"),
    ("a", 9, "a9", "missing\x1fx", "missing"),  # a broken correction does not erase the good record
    ("b", 1, "b1", "", ""),
    ("b", 1, "b1", "", "duplicate"),
    ("c", 5, "c5", "", "ambiguous"),
    ("c", 5, "c5'", "", "ambiguous"),
    ("c", 4, "c4", "", "superseded"),
    ("d", None, "d0", "", ""),
]


def test_the_highest_sequence_counts_and_nothing_is_lost(spark: Any) -> None:
    schema = "key string, sequence int, _raw_text string, _record_sha256 string, _problems string"
    records = spark.createDataFrame([(key, number, raw, raw, code) for key, number, raw, code, _ in ROWS], schema)
    judged = deduplicate(records, ["key"], "sequence").select("_raw_text", first_code().alias("code")).collect()
    assert sorted((row["_raw_text"], row["code"]) for row in judged) == sorted(
        (raw, code) for _, _, raw, _, code in ROWS
    )
