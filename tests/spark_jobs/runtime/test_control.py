import traceback
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from spark_jobs.runtime.control import SourceControl, inspect, verify
from spark_jobs.runtime.errors import HeaderMismatch, InputMissing, JobError, TrailerMismatch, UnreadableRaw
from spark_jobs.runtime.records import read_fields
from tests.spark_jobs.lake import AS_OF, Lake, contracts

GOOD = SourceControl(
    headers=[["H", "policies", "2026-10-31", "1"]],
    trailers=[["T", "200", "single_premium=10.50"]],
    lines=202,
    unreadable=0,
    details=200,
    totals={"single_premium": Decimal("10.50"), "annual_income": Decimal("1.00")},
    fingerprint="f",
)


def test_a_delivery_that_agrees_is_taken() -> None:
    verify(GOOD, "policies", AS_OF)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"details": 199}, TrailerMismatch, "trailer says 200 details, file holds 199"),
        (
            {"totals": {"single_premium": Decimal("9.50")}},
            TrailerMismatch,
            "single_premium totals 10.50, file holds 9.50",
        ),
        ({"trailers": []}, TrailerMismatch, "1 headers but 0 trailers"),
        ({"trailers": [["T", "many"]]}, TrailerMismatch, "'T|many' is not T|<count>"),
        ({"trailers": [["T", "200", "colour=1"]]}, TrailerMismatch, "'T|200|colour=1' is not T|<count>"),
        ({"headers": []}, InputMissing, "no header"),
        ({"headers": [["H", "policies", "2026-10-30", "1"]]}, HeaderMismatch, "'H|policies|2026-10-30|1'"),
        ({"headers": [["H", "claims", "2026-10-31", "1"]]}, HeaderMismatch, "another source"),
        ({"unreadable": 3}, UnreadableRaw, "3 of 202 raw lines"),
    ],
)
def test_a_delivery_that_contradicts_itself_is_refused(
    change: dict[str, Any], error: type[JobError], words: str
) -> None:
    with pytest.raises(error) as refused:
        verify(replace(GOOD, **change), "policies", date(2026, 10, 31))
    assert str(refused.value).startswith("policies as_of 2026-10-31: ")
    assert words in str(refused.value)


def test_the_last_line_of_a_failure_is_its_plain_name_and_message() -> None:
    last = traceback.format_exception_only(TrailerMismatch("policies as_of 2026-10-31: cut"))[-1]
    assert last == "TrailerMismatch: policies as_of 2026-10-31: cut\n"


@pytest.mark.spark
def test_totals_run_over_whole_details_with_numbers(spark: Any, lake: Lake) -> None:
    lines = [
        "H|gl_totals|2026-10-31|1",
        "D|MYGA|premium|1|10.25",
        "D|MYGA|interest|1|1,000.00",
        "D|MYGA|1|7.00",
        "D|SPIA|payouts|1|-0.25",
        "T|4|amount=10.00",
    ]
    lake.write_raw("gl_totals", lines)
    control = inspect(read_fields(spark, lake.raw("gl_totals").as_uri() + "/"), contracts()["gl_totals"])
    verify(control, "gl_totals", AS_OF)
    assert (control.lines, control.details, control.totals) == (6, 4, {"amount": Decimal("10.00")})
    lake.write_raw("gl_totals", [lines[0], *reversed(lines[1:5]), lines[5]])
    again = inspect(read_fields(spark, lake.raw("gl_totals").as_uri() + "/"), contracts()["gl_totals"])
    assert again.fingerprint == control.fingerprint


@pytest.mark.spark
def test_a_raw_line_that_is_not_json_is_counted(spark: Any, lake: Lake) -> None:
    lake.write_raw("gl_totals", ["H|gl_totals|2026-10-31|1", "T|0|amount=0.00"])
    with (lake.raw("gl_totals") / "sdc-1.json").open("a") as file:
        file.write('{"0":"D","1":"MY\n')
    control = inspect(read_fields(spark, lake.raw("gl_totals").as_uri() + "/"), contracts()["gl_totals"])
    assert control.unreadable == 1
