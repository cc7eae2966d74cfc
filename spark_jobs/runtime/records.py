"""Source records as ingestion leaves them in the raw zone, made into typed rows that say what is wrong with them.

Raw lines are JSON objects with positional names, {"0":"D","1":"P-0001"}. Decides what text a type accepts and which
reasons a record is turned away for. It must not know any tenant's rules, nor drop a record: every line comes out.
"""

from __future__ import annotations

from typing import Any

from pyspark.sql import functions as f

from spark_jobs.runtime.contract import Column, Contract, Rule

PROBLEMS = "_problems"
"""array<struct<code: string, detail: string>> not null: what is wrong with the record, in order of checking."""
KEY, RAW, SHA = "_record_key", "_raw_text", "_record_sha256"
BOOKKEEPING = [KEY, RAW, SHA, PROBLEMS]
_TEXT = "_text_"
_PROBLEM_TYPE = "array<struct<code:string,detail:string>>"

_PATTERNS = {
    "int": (r"^-?\d{1,10}$", "not_an_integer", "a whole number"),
    "bigint": (r"^-?\d{1,19}$", "not_an_integer", "a whole number"),
    "date": (r"^\d{4}-\d{2}-\d{2}$", "not_a_date", "a date as YYYY-MM-DD"),
    "timestamp": (r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?$", "not_a_timestamp", "YYYY-MM-DD HH:MM:SS"),
    "boolean": (r"^(true|false)$", "not_a_boolean", "true or false"),
}


def read_fields(spark: Any, location: str) -> Any:
    """Return the raw lines below a prefix as rows of `_fields array<string>`; null where a line is not JSON."""
    lines = spark.read.text(location + "*.json").where(f.col("value") != "")
    named = f.from_json("value", "map<string,string>")
    positions = f.sequence(f.lit(0), f.size("_named") - 1)
    fields = f.transform(positions, lambda position: f.coalesce(f.col("_named")[position.cast("string")], f.lit("")))
    return lines.select(named.alias("_named")).select(f.when(f.size("_named") > 0, fields).alias("_fields"))


def detail_records(fields: Any, contract: Contract) -> Any:
    """Return every detail record typed by its contract, with its problems.

    Args:
        fields: rows of `_fields array<string>`, header and trailer among them.
        contract: the source's contract, columns in the order of the file.

    Returns:
        The contract's columns (null where the text does not fit), `_record_key string`, `_raw_text string not null`,
        `_record_sha256 string not null` and `_problems`.
    """
    details = with_texts(fields.where(~f.col("_fields")[0].isin("H", "T")), contract)
    typed = [typed_value(column).alias(column.name) for column in contract.columns]
    key = f.concat_ws("/", *[f.coalesce(_text(name), f.lit("")) for name in contract.primary_key])
    problems = [_record_type(), *(_column_problem(column) for column in contract.columns)]
    problems += [_rule_problem(contract, rule) for rule in contract.rules if rule.metric == "invalidValues"]
    judged = f.when(is_whole(contract), _present(problems)).otherwise(_present([_field_count(contract)]))
    return (
        details.select("*", *typed)
        .withColumn(KEY, f.when(f.size("_fields") > len(contract.primary_key), key))
        .withColumn(RAW, f.array_join("_fields", "|"))
        .withColumn(SHA, f.sha2(f.to_json("_fields"), 256))
        .withColumn(PROBLEMS, judged)
        .select(*contract.column_names, *BOOKKEEPING)
    )


def with_texts(fields: Any, contract: Contract) -> Any:
    """Return the rows with each column's text beside `_fields`; null where the field is empty or absent."""
    texts = []
    for position, column in enumerate(contract.columns, start=1):
        text = f.get("_fields", f.lit(position))
        texts.append(f.when(text != "", text).alias(_TEXT + column.name))
    return fields.select("_fields", *texts)


def is_whole(contract: Contract) -> Any:
    """Whether a record has as many fields as the contract has columns, besides its record type."""
    return f.size("_fields") == len(contract.columns) + 1


def typed_value(column: Column) -> Any:
    """Return the column's text as its type; null when it is empty or not written as the type is written."""
    if column.base in ("string", "varchar"):
        return _text(column.name)
    pattern = _decimal_pattern(column) if column.base == "decimal" else _PATTERNS[column.base][0]
    # try_cast alone is too kind: '2026' would become a date and '1.005' would be rounded to cents.
    name = _TEXT + column.name
    return f.expr(f"try_cast(if(`{name}` rlike r'{pattern}', `{name}`, null) as {column.spark_type.simpleString()})")


def problem(condition: Any, code: str, *detail: Any) -> Any:
    """Return a problem where the condition holds and null elsewhere; text columns that are null print as empty."""
    texts = [f.lit(part) if isinstance(part, str) else f.coalesce(part.cast("string"), f.lit("")) for part in detail]
    return f.when(condition, f.struct(f.lit(code).alias("code"), f.concat(*texts).alias("detail")))


def add_problems(records: Any, *problems: Any) -> Any:
    """Return the records with further problems after those they have."""
    return records.withColumn(PROBLEMS, f.concat(PROBLEMS, _present(list(problems))))


def _text(name: str) -> Any:
    return f.col(_TEXT + name)


def _present(problems: list[Any]) -> Any:
    return f.filter(f.array(*problems), lambda entry: entry.isNotNull()).cast(_PROBLEM_TYPE)


def _record_type() -> Any:
    kind = f.col("_fields")[0]
    return problem(kind != "D", "record_type", "record type '", kind, "' is none of H, D, T")


def _field_count(contract: Contract) -> Any:
    found, expected = f.size("_fields") - 1, len(contract.columns)
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
        return problem(unknown, "not_allowed", f"{rule.column}: '", value, f"' is none of {', '.join(rule.valid_values)}")
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
