"""Source records as ingestion leaves them in the raw zone, made into typed rows that say what is wrong with them.

Raw lines are JSON objects with positional names, {"0":"D","1":"P-0001"}. Decides what text a type accepts and which
reasons a record is turned away for. It must not know any tenant's rules, nor drop a record: every line comes out.
"""

from __future__ import annotations

from typing import Any

from pyspark.sql import functions as f

from spark_jobs.runtime.contract import Column, Contract, Rule

FIELDS = "_fields"
"""map<string, string>: a raw line's fields by position."""
KEY, RAW, SHA = "_record_key", "_raw_text", "_record_sha256"
PROBLEMS = "_problems"
"""string not null: what is wrong with the record, in order of checking; empty for a good one (`reasons` reads it).

Text rather than an array, because Spark compiles string functions and interprets functions over arrays.
"""
BOOKKEEPING = [KEY, RAW, SHA, PROBLEMS]
_TEXT = "_text_"
_BETWEEN_PROBLEMS, _BETWEEN_PARTS = "\x1e", "\x1f"

_PATTERNS = {
    "int": (r"^-?\d{1,10}$", "not_an_integer", "a whole number"),
    "bigint": (r"^-?\d{1,19}$", "not_an_integer", "a whole number"),
    "date": (r"^\d{4}-\d{2}-\d{2}$", "not_a_date", "a date as YYYY-MM-DD"),
    "timestamp": (r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?$", "not_a_timestamp", "YYYY-MM-DD HH:MM:SS"),
    "boolean": (r"^(true|false)$", "not_a_boolean", "true or false"),
}


def read_fields(spark: Any, location: str) -> Any:
    """Return the raw lines below a prefix as rows of `_fields map<string, string>`; null where a line is not JSON."""
    lines = spark.read.text(location + "*.json").where(f.col("value") != "")
    return lines.select(f.from_json("value", "map<string,string>").alias(FIELDS))


def field(position: int) -> Any:
    """Return the text at a position of a raw line, 0 being the record type; null when the line is shorter."""
    return f.col(FIELDS)[str(position)]


def raw_text() -> Any:
    """Return a raw line as it was delivered, its fields joined by a pipe."""
    return f.array_join(f.map_values(FIELDS), "|", "")


def detail_records(fields: Any, contract: Contract) -> Any:
    """Return every detail record typed by its contract, with its problems.

    Args:
        fields: rows of `_fields map<string, string>`, header and trailer among them.
        contract: the source's contract, columns in the order of the file.

    Returns:
        The contract's columns (null where the text does not fit), `_record_key string`, `_raw_text string not null`,
        `_record_sha256 string not null` and `_problems string not null`.
    """
    details = with_texts(fields.where(~field(0).isin("H", "T")), contract)
    typed = [typed_value(column).alias(column.name) for column in contract.columns]
    key = f.concat_ws("/", *[f.coalesce(_text(name), f.lit("")) for name in contract.primary_key])
    problems = [_record_type(), *(_column_problem(column) for column in contract.columns)]
    problems += [_rule_problem(contract, rule) for rule in contract.rules if rule.metric == "invalidValues"]
    judged = f.when(is_whole(contract), _joined(problems)).otherwise(_joined([_field_count(contract)]))
    return (
        details.select("*", *typed)
        .withColumn(KEY, f.when(f.size(FIELDS) > len(contract.primary_key), key))
        .withColumn(RAW, raw_text())
        .withColumn(SHA, f.sha2(RAW, 256))
        .withColumn(PROBLEMS, judged)
        .select(*contract.column_names, *BOOKKEEPING)
    )


def with_texts(fields: Any, contract: Contract) -> Any:
    """Return the rows with each column's text beside `_fields`; null where the field is empty or absent."""
    texts = [
        f.when(field(position) != "", field(position)).alias(_TEXT + column.name)
        for position, column in enumerate(contract.columns, start=1)
    ]
    return fields.select(FIELDS, *texts)


def is_whole(contract: Contract) -> Any:
    """Whether a record has as many fields as the contract has columns, besides its record type."""
    return f.size(FIELDS) == len(contract.columns) + 1


def typed_value(column: Column) -> Any:
    """Return the column's text as its type; null when it is empty or not written as the type is written."""
    if column.base in ("string", "varchar"):
        return _text(column.name)
    pattern = _decimal_pattern(column) if column.base == "decimal" else _PATTERNS[column.base][0]
    # try_cast alone is too kind: '2026' would become a date and '1.005' would be rounded to cents.
    name = _TEXT + column.name
    return f.expr(f"try_cast(if(`{name}` rlike r'{pattern}', `{name}`, null) as {column.spark_type.simpleString()})")


def problem(condition: Any, code: str, *detail: Any) -> Any:
    """Return a problem where the condition holds and null elsewhere.

    Args:
        condition: boolean column.
        code: the reason's short name, as `rejected_record` reports it.
        detail: texts and columns that make the sentence; columns that are null print as empty.
    """
    texts = [f.lit(part) if isinstance(part, str) else f.coalesce(part.cast("string"), f.lit("")) for part in detail]
    return f.when(condition, f.concat(f.lit(code + _BETWEEN_PARTS), *texts))


def add_problems(records: Any, *problems: Any) -> Any:
    """Return the records with further problems after those they have."""
    return records.withColumn(PROBLEMS, _joined([f.when(~is_good(), f.col(PROBLEMS)), *problems]))


def is_good() -> Any:
    """Whether a record has no problem."""
    return f.col(PROBLEMS) == ""


def first_code() -> Any:
    """Return the code of a record's first problem."""
    return f.substring_index(PROBLEMS, _BETWEEN_PARTS, 1)


def reasons() -> Any:
    """Return the sentences of a record's problems, joined by a semicolon."""
    sentences = f.transform(
        f.split(PROBLEMS, _BETWEEN_PROBLEMS), lambda one: f.substring_index(one, _BETWEEN_PARTS, -1)
    )
    return f.array_join(sentences, "; ")


def _text(name: str) -> Any:
    return f.col(_TEXT + name)


def _joined(problems: list[Any]) -> Any:
    return f.concat_ws(_BETWEEN_PROBLEMS, *problems)


def _record_type() -> Any:
    return problem(field(0) != "D", "record_type", "record type '", field(0), "' is none of H, D, T")


def _field_count(contract: Contract) -> Any:
    found, expected = f.size(FIELDS) - 1, len(contract.columns)
    return problem(found != expected, "field_count", found, f" fields where the contract has {expected}")


def _column_problem(column: Column) -> Any:
    wrong = _type_problem(column)
    if column.nullable:
        return wrong
    return f.coalesce(problem(_text(column.name).isNull(), "missing", f"{column.name}: empty, but required"), wrong)


def _type_problem(column: Column) -> Any:
    text = _text(column.name)
    if column.base == "string":
        return problem(f.lit(False), "", "")
    if column.length is not None:
        longer = f.length(text) > column.length
        return problem(longer, "too_long", f"{column.name}: '", text, f"' has more than {column.length} characters")
    code, expected = ("not_a_decimal", column.type) if column.base == "decimal" else _PATTERNS[column.base][1:]
    unfit = text.isNotNull() & f.col(column.name).isNull()
    return problem(unfit, code, f"{column.name}: '", text, f"' is not {expected}")


def _rule_problem(contract: Contract, rule: Rule) -> Any:
    """One record's share of a contract's invalidValues rule."""
    value = f.col(rule.column)
    typed = next(column.spark_type for column in contract.columns if column.name == rule.column)
    if rule.valid_values:
        unknown = ~value.cast("string").isin(*rule.valid_values)
        return problem(
            unknown, "not_allowed", f"{rule.column}: '", value, f"' is none of {', '.join(rule.valid_values)}"
        )
    low, high = (None if bound is None else f.lit(bound).cast(typed) for bound in (rule.at_least, rule.at_most))
    problems = []
    if low is not None:
        problems.append(problem(value < low, "below_minimum", f"{rule.column}: ", value, f" is below {rule.at_least}"))
    if high is not None:
        problems.append(problem(value > high, "above_maximum", f"{rule.column}: ", value, f" is above {rule.at_most}"))
    return f.coalesce(*problems) if problems else problem(f.lit(False), "", "")


def _decimal_pattern(column: Column) -> str:
    precision, scale = column.spark_type.precision, column.spark_type.scale
    fraction = rf"(\.\d{{1,{scale}}})?" if scale else ""
    return rf"^-?\d{{1,{precision - scale}}}{fraction}$"
