"""Whether a source's files hold what their headers and trailers say.

H carries source, business date and sequence; T carries the count of detail records and totals written column=value.
Decides nothing about single records. Totals run over the details with the right number of fields
whose text is a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from pyspark.sql import functions as f

from spark_jobs.runtime.contract import Contract
from spark_jobs.runtime.errors import HeaderMismatch, InputMissing, TrailerMismatch, UnreadableRaw
from spark_jobs.runtime.fingerprint import fingerprint, lane_sums
from spark_jobs.runtime.records import FIELDS, field, is_whole, raw_text, typed_value, with_texts


@dataclass(frozen=True)
class SourceControl:
    """What one pass over a source's raw lines found."""

    headers: list[list[str]]
    trailers: list[list[str]]
    lines: int
    unreadable: int
    details: int
    totals: dict[str, Decimal]
    """{decimal column: sum over whole detail records}."""
    fingerprint: str
    """Hash of the lines as a multiset: the same delivery ingested twice has the same."""


def inspect(fields: Any, contract: Contract) -> SourceControl:
    """Return counts, totals, headers and trailers of raw lines, in one pass."""
    kind = f.coalesce(field(0), f.lit("?"))
    is_detail = ~kind.isin("H", "T", "?")
    decimals = [column for column in contract.columns if column.base == "decimal"]
    found = (
        with_texts(fields, contract)
        .agg(
            f.collect_list(f.when(kind == "H", f.map_values(FIELDS))).alias("headers"),
            f.collect_list(f.when(kind == "T", f.map_values(FIELDS))).alias("trailers"),
            f.count(f.lit(1)).alias("lines"),
            f.count_if(f.col(FIELDS).isNull()).alias("unreadable"),
            f.count_if(is_detail).alias("details"),
            *[f.sum(f.when(is_detail & is_whole(contract), typed_value(c))).alias("total_" + c.name) for c in decimals],
            *lane_sums(f.coalesce(raw_text(), f.lit(""))),
        )
        .first()
    )
    return SourceControl(
        headers=sorted(found["headers"]),
        trailers=sorted(found["trailers"]),
        lines=found["lines"],
        unreadable=found["unreadable"],
        details=found["details"],
        totals={c.name: Decimal(found["total_" + c.name] or 0) for c in decimals},
        fingerprint=fingerprint(found, found["lines"], "raw"),
    )


def verify(control: SourceControl, source: str, as_of: date) -> None:
    """Refuse a delivery that contradicts itself.

    Raises:
        InputMissing: there is no header.
        UnreadableRaw: a line is not JSON.
        HeaderMismatch: a header names another source or date.
        TrailerMismatch: a trailer is absent or unreadable, or counts or totals differ.
    """
    where = f"{source} as_of {as_of}"
    if control.unreadable:
        raise UnreadableRaw(
            f"{where}: {control.unreadable} of {control.lines} raw lines are not JSON objects; ingest it again"
        )
    if not control.headers:
        raise InputMissing(
            f"{where}: no header record among {control.lines} raw lines; the source file was not delivered whole"
        )
    for header in control.headers:
        if header[1:3] != [source, as_of.isoformat()]:
            raise HeaderMismatch(
                f"{where}: a header says {'|'.join(header)!r}; the file belongs to another source or date"
            )
    if len(control.trailers) != len(control.headers):
        raise TrailerMismatch(
            f"{where}: {len(control.headers)} headers but {len(control.trailers)} trailers; "
            "the file was cut, deliver it again"
        )
    _compare(control, where)


def _compare(control: SourceControl, where: str) -> None:
    count, totals = 0, dict.fromkeys(control.totals, Decimal(0))
    named: set[str] = set()
    for trailer in control.trailers:
        try:
            count += int(trailer[1])
            for entry in trailer[2:]:
                column, _, value = entry.partition("=")
                totals[column] += Decimal(value)
                named.add(column)
        except (IndexError, ValueError, KeyError, InvalidOperation) as error:
            raise TrailerMismatch(
                f"{where}: trailer {'|'.join(trailer)!r} is not T|<count>|<column>=<total>"
            ) from error
    if count != control.details:
        raise TrailerMismatch(
            f"{where}: trailer says {count} details, file holds {control.details}; "
            "the file was cut or changed, deliver it again"
        )
    for column in sorted(named):
        if totals[column] != control.totals[column]:
            raise TrailerMismatch(
                f"{where}: trailer says {column} totals {totals[column]}, file holds {control.totals[column]}; "
                "the file was changed, deliver it again"
            )
