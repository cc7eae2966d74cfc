"""Which of several records with one natural key counts.

The valid record with the highest sequence does. Decides nothing about validity, and loses nothing: records that do not
count keep their place with the reason why.
"""

from __future__ import annotations

from typing import Any

from pyspark.sql import Window
from pyspark.sql import functions as f

from spark_jobs.runtime.records import RAW, SHA, add_problems, is_good, problem

OCCURRENCES = "_occurrences"


def deduplicate(records: Any, key: list[str], sequence: str) -> Any:
    """Return the records with a problem on each one that another of the same key replaces.

    Only records without problems compete, so a broken correction does not erase a good record. Identical lines count
    once (`duplicate`); of different lines the highest sequence counts (`superseded`); different lines with the same
    highest sequence contradict each other and none counts (`ambiguous`).

    Args:
        records: as `detail_records` returns them.
        key: columns of the natural key.
        sequence: integer column; higher is later.
    """
    valid = is_good().alias("_valid")
    compete = Window.partitionBy(*key, "_valid")
    ranked = (
        records.select("*", valid)
        .withColumn("_latest", f.max(sequence).over(compete))
        .withColumn("_lines", f.size(f.collect_set(f.when(_is_latest(sequence), f.col(SHA))).over(compete)))
        .withColumn("_copy", f.row_number().over(Window.partitionBy(*key, "_valid", SHA).orderBy(RAW)))
    )
    competing = f.col("_valid")
    judged = add_problems(
        ranked,
        problem(competing & (f.col("_copy") > 1), "duplicate", "an identical line was delivered"),
        problem(
            competing & (f.col("_copy") == 1) & ~_is_latest(sequence),
            "superseded",
            f"{sequence} ",
            f.col(sequence),
            " is older than ",
            f.col("_latest"),
        ),
        problem(
            competing & (f.col("_copy") == 1) & _is_latest(sequence) & (f.col("_lines") > 1),
            "ambiguous",
            f"{sequence} ",
            f.col(sequence),
            " was delivered with different contents",
        ),
    )
    return judged.drop("_valid", "_latest", "_lines", "_copy")


def accepted(records: Any, columns: list[str]) -> Any:
    """Return the named columns of the records without problems."""
    return records.where(is_good()).select(*columns)


def _is_latest(sequence: str) -> Any:
    return f.col(sequence) == f.col("_latest")
