"""Contracts: what an ODCS file binds the platform to."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import errors as kinds
from generator.errors import SpecErrors
from generator.model import Contract, QualityRule
from generator.spec.contract import (
    contract_json,
    contract_names,
    contracts_json,
    load_contract,
    schema_sha256,
    to_contract,
)
from generator.spec.document import parse
from generator.spec.odcs import DataContract
from generator.spec.validation import validate
from tests.generator.project import CASES, make_project, put_case, write

ROOT = Path(__file__).parents[3]
CLAIM = "tenants/claims/contracts/claim.odcs.yaml"


@pytest.fixture
def everything(tmp_path: Path) -> Contract:
    put_case(make_project(tmp_path), CASES / "good" / "contract_everything.yaml")
    return load_contract(tmp_path, "claims", "claim")


def test_columns_keep_order_and_types(everything: Contract) -> None:
    assert [(column.name, column.type, column.nullable) for column in everything.columns] == [
        ("opened_on", "date", False),
        ("claim_id", "varchar(20)", False),
        ("kind", "string", True),
        ("parts", "int", True),
        ("big", "bigint", True),
        ("rate", "decimal(9,6)", True),
        ("changed_at", "timestamp", True),
        ("is_open", "boolean", True),
    ]
    assert [column.name for column in everything.columns if column.unique] == ["big"]
    assert everything.columns[2].classification == "internal"
    assert (everything.version, everything.description) == ("2.1.0", "Claims as they stand.")


def test_primary_key_is_in_the_order_of_its_positions(everything: Contract) -> None:
    assert everything.primary_key == ("claim_id", "opened_on")


def test_checks_become_rules_and_keep_values_as_written(everything: Contract) -> None:
    assert everything.quality == (
        QualityRule(
            metric="invalidValues", column="kind", valid_values=("fire", "007", "2026-10-31"), minimum=None, maximum=3
        ),
        QualityRule(metric="nullValues", column="kind", maximum=10),
        QualityRule(metric="invalidValues", column="parts", at_least="1", description="parts within its bounds"),
        QualityRule(
            metric="invalidValues", column="rate", at_least="0.10", at_most="2.50", description="rate within its bounds"
        ),
        QualityRule(metric="rowCount", minimum=1, maximum=None, description="Never empty."),
    )


@pytest.mark.parametrize(
    ("operator", "minimum", "maximum"),
    [
        ("mustBe: 0", None, 0),
        ("mustBe: 7", 7, 7),
        ("mustBeGreaterThan: 0", 1, None),
        ("mustBeGreaterThan: 2.5", 3, None),
        ("mustBeGreaterOrEqualTo: 2.5", 3, None),
        ("mustBeGreaterOrEqualTo: 0", None, None),
        ("mustBeLessThan: 5", None, 4),
        ("mustBeLessThan: 4.5", None, 4),
        ("mustBeLessOrEqualTo: 4.5", None, 4),
        ("mustBeBetween: [2, 5]", 2, 5),
    ],
)
def test_operator_becomes_a_range_of_counts(
    tmp_path: Path, operator: str, minimum: int | None, maximum: int | None
) -> None:
    root = make_project(tmp_path)
    write(root, CLAIM, (root / CLAIM).read_text() + f"    quality: [{{metric: rowCount, {operator}}}]\n")
    (rule,) = load_contract(root, "claims", "claim").quality
    assert (rule.metric, rule.column, rule.minimum, rule.maximum) == ("rowCount", None, minimum, maximum)


@pytest.mark.parametrize("count", [".inf", ".nan", "1.0e400", "1e400", "-1", "true", '"0"', "1.0e+16", "{}", "0.5"])
def test_count_that_nothing_can_have(tmp_path: Path, count: str) -> None:
    root = make_project(tmp_path)
    write(root, CLAIM, (root / CLAIM).read_text() + f"    quality: [{{metric: rowCount, mustBe: {count}}}]\n")
    with pytest.raises(SpecErrors) as caught:
        load_contract(root, "claims", "claim")
    (error,) = caught.value.errors
    assert (error.field, error.line) == ("schema[0].quality[0].mustBe", 18)


@pytest.mark.parametrize("bound", ["{}", "[1]", "true", "1e400", "''"])
def test_bound_that_bounds_nothing(tmp_path: Path, bound: str) -> None:
    root = make_project(tmp_path)
    write(root, CLAIM, (root / CLAIM).read_text() + f"        logicalTypeOptions: {{minimum: {bound}}}\n")
    with pytest.raises(SpecErrors) as caught:
        load_contract(root, "claims", "claim")
    (error,) = caught.value.errors
    assert error.field == "schema[0].properties[1].logicalTypeOptions.minimum"


def test_what_the_schema_promises_is_not_repeated_as_a_rule(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    text = (
        (root / CLAIM)
        .read_text()
        .replace("required: true", "required: true\n        quality: [{metric: nullValues, mustBe: 0}]")
    )
    write(root, CLAIM, text)
    contract = load_contract(root, "claims", "claim")
    assert contract.quality == ()
    assert not contract.columns[0].nullable


def test_json_is_what_the_spark_runtime_reads(everything: Contract) -> None:
    document = contract_json(everything)
    assert list(document) == ["name", "version", "description", "columns", "primary_key", "quality", "schema_sha256"]
    assert document["columns"][1] == {
        "name": "claim_id",
        "type": "varchar(20)",
        "nullable": False,
        "primary_key": True,
        "unique": False,
        "description": "",
    }
    assert document["primary_key"] == ["claim_id", "opened_on"]
    assert document["quality"][-1] == {
        "metric": "rowCount",
        "column": None,
        "valid_values": [],
        "at_least": None,
        "at_most": None,
        "minimum": 1,
        "maximum": None,
        "description": "Never empty.",
    }
    schema = json.dumps([[c.name, c.type, c.nullable] for c in everything.columns], separators=(",", ":"))
    assert document["schema_sha256"] == hashlib.sha256(schema.encode()).hexdigest() == schema_sha256(everything)


def test_contracts_json_does_not_depend_on_order(everything: Contract) -> None:
    text = contracts_json({"b": everything, "a": everything})
    assert text == contracts_json({"a": everything, "b": everything})
    assert list(json.loads(text)) == ["a", "b"]


def test_own_contracts_load() -> None:
    names = contract_names(ROOT, "annuity")
    assert "policies" in names
    for name in names:
        contract = load_contract(ROOT, "annuity", name)
        assert contract.name == name
        assert contract.primary_key


def test_missing_contract_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(SpecErrors) as caught:
        load_contract(tmp_path, "claims", "claim")
    (error,) = caught.value.errors
    assert isinstance(error, kinds.MissingFile)
    assert error.path == CLAIM


@pytest.mark.parametrize(
    ("physical", "text"),
    [
        ("int", "1.5"),
        ("int", "٣"),
        ("decimal(4,2)", "100.00"),
        ("decimal(4,2)", "NaN"),
        ("decimal(4,2)", "1.001"),
        ("date", "31.10.2026"),
    ],
)
def test_bound_must_be_a_value_of_the_column(tmp_path: Path, physical: str, text: str) -> None:
    logical = {"i": "integer", "d": "number"}[physical[0]] if physical != "date" else "date"
    root = make_project(tmp_path)
    column = f'      - {{name: x, logicalType: {logical}, physicalType: "{physical}"'
    column += f', logicalTypeOptions: {{minimum: "{text}"}}}}\n'
    write(root, CLAIM, (root / CLAIM).read_text() + column)
    with pytest.raises(SpecErrors) as caught:
        load_contract(root, "claims", "claim")
    (error,) = caught.value.errors
    assert isinstance(error, kinds.ContractError)
    assert error.value == text


EVERYTHING = (CASES / "good" / "contract_everything.yaml").read_text()
WORDS = sorted({word for line in EVERYTHING.splitlines() for word in line.replace("{", " ").replace(",", " ").split()})


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_change_gives_a_contract_or_its_mistakes(data: st.DataObject) -> None:
    """Words of a contract put in places of others: right keys at wrong places, right values of wrong types."""
    text = EVERYTHING
    for _ in range(data.draw(st.integers(1, 3))):
        old = data.draw(st.sampled_from(WORDS))
        new = data.draw(st.sampled_from([*WORDS, "", "-1", "0.5", "[]", "{}", "true", "1e400", "null", "9" * 30]))
        text = text.replace(old, new, data.draw(st.integers(1, 3)))
    try:
        document = parse("claim.odcs.yaml", text)
        assert to_contract(document, validate(document, DataContract), "claim").columns
    except SpecErrors as errors:
        assert errors.errors
