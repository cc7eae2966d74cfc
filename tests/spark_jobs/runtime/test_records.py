from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import functions as f

from spark_jobs.runtime.records import KEY, RAW, detail_records, first_code, read_fields, reasons
from tests.spark_jobs.lake import Lake, contracts

pytestmark = pytest.mark.spark

CASES = {
    "D|T-1|1|P-1|premium|2026-02-28|10.00": ("", ""),
    "D|T-2|1|P-1|premium|2026-02-29|10.00": ("not_a_date", "effective_date: '2026-02-29' is not a date as YYYY-MM-DD"),
    "D|T-3|1|P-1|premium|2026|10.00": ("not_a_date", "effective_date: '2026' is not a date as YYYY-MM-DD"),
    "D|T-4|1|P-1|premium|2026-02-28|10.005": ("not_a_decimal", "amount: '10.005' is not decimal(18,2)"),
    "D|T-5|1|P-1|premium|2026-02-28|99999999999999999.00": (
        "not_a_decimal",
        "amount: '99999999999999999.00' is not decimal(18,2)",
    ),
    "D|T-6|99999999999|P-1|premium|2026-02-28|1.00": (
        "not_an_integer",
        "sequence: '99999999999' is not a whole number",
    ),
    "D|T-7|3000000000|P-1|premium|2026-02-28|1.00": ("not_an_integer", "sequence: '3000000000' is not a whole number"),
    "D|T-8|1||premium|2026-02-28|1.00": ("missing", "policy_id: empty, but required"),
    "D|T-9|1|P-12345678901234567890|premium|2026-02-28|1.00": (
        "too_long",
        "policy_id: 'P-12345678901234567890' has more than 20 characters",
    ),
    "D|T-10|1|P-1|premium|2026-02-28": ("field_count", "5 fields where the contract has 6"),
    "D|T-11|1|P-1|premium|2026-02-28|1.00|x": ("field_count", "7 fields where the contract has 6"),
    "X|T-12|1|P-1|premium|2026-02-28|1.00": ("record_type", "record type 'X' is none of H, D, T"),
    "D|T-13|0|P-1|premium|x|1.00": (
        "not_a_date",
        "effective_date: 'x' is not a date as YYYY-MM-DD; sequence: 0 is below 1",
    ),
}


def test_every_detail_comes_out_typed_with_what_is_wrong_with_it(spark: Any, lake: Lake) -> None:
    lake.write_raw("transactions", ["H|transactions|2026-10-31|1", *CASES, "T|13"])
    fields = read_fields(spark, lake.raw("transactions").as_uri() + "/")
    records = detail_records(fields, contracts()["transactions"]).select(
        "*", first_code().alias("code"), reasons().alias("why")
    )
    found = {row[RAW]: row for row in records.collect()}
    assert {raw: (row["code"], row["why"]) for raw, row in found.items()} == CASES
    good = found["D|T-1|1|P-1|premium|2026-02-28|10.00"]
    assert (good[KEY], good["effective_date"], good["amount"]) == ("T-1", date(2026, 2, 28), Decimal("10.00"))


def test_a_source_without_details_gives_no_records(spark: Any, lake: Lake) -> None:
    lake.write_raw("transactions", ["H|transactions|2026-10-31|1", "T|0"])
    records = detail_records(read_fields(spark, lake.raw("transactions").as_uri() + "/"), contracts()["transactions"])
    assert records.agg(f.count("*")).first()[0] == 0
    assert records.schema[:6] == contracts()["transactions"].struct_type
