from decimal import Decimal
from typing import Any

import pytest

from spark_jobs.runtime.fingerprint import fingerprint, lane_sums, row_text

pytestmark = pytest.mark.spark

SCHEMA = "name string, amount decimal(18,2)"
ROWS = [("a", Decimal("1.00")), ("b", None), ("b", None), (None, Decimal("2.00"))]


def of(spark: Any, rows: list[tuple[str | None, Decimal | None]], partitions: int = 1) -> str:
    frame = spark.createDataFrame(rows, SCHEMA).repartition(partitions)
    return fingerprint(frame.agg(*lane_sums(row_text(["name", "amount"]))).first(), len(rows), SCHEMA)


def test_order_and_layout_do_not_matter_but_every_value_and_repetition_does(spark: Any) -> None:
    whole = of(spark, ROWS)
    assert of(spark, ROWS[::-1], partitions=3) == whole
    others = [
        ROWS[:-1],
        [*ROWS, ROWS[0]],
        [*ROWS[:2], ROWS[0], ROWS[3]],
        [("a", None), ("b", Decimal("1.00")), ("b", None), (None, Decimal("2.00"))],
        [("a", Decimal("1.01")), *ROWS[1:]],
        [("", Decimal("2.00")) if row[0] is None else row for row in ROWS],
    ]
    assert len({of(spark, rows) for rows in others} | {whole}) == len(others) + 1


def test_no_rows_have_a_fingerprint_that_depends_on_the_schema(spark: Any) -> None:
    frame = spark.createDataFrame([], SCHEMA)
    sums = frame.agg(*lane_sums(row_text(["name", "amount"]))).first()
    assert fingerprint(sums, 0, "one") != fingerprint(sums, 0, "other")
