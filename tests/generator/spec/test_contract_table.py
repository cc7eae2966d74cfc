"""A contract's mistakes of shape hide nothing else in it, and make nobody guess at what could not be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import errors as kinds
from tests.generator.project import edit, errors_of, make_project
from tests.generator.spec.test_project import only

RATES = "tenants/claims/contracts/rates.odcs.yaml"
KEY = "primaryKey: true\n        primaryKeyPosition: 1"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = make_project(tmp_path)
    edit(root, RATES, "primaryKey: true", KEY)
    return root


@pytest.mark.parametrize("wrong", ["status: actve", "status: active\nstate: active", "status: active\nstatus: draft"])
def test_the_head_hides_nothing_of_the_table(root: Path, wrong: str) -> None:
    edit(root, RATES, "status: active", wrong)
    edit(root, RATES, "  - name: rates", "  - name: rate")
    edit(root, RATES, "primaryKeyPosition: 1", "primaryKeyPosition: 2")
    head, table, key = errors_of(root).errors
    assert "stat" in head.field
    assert (type(table), table.field) == (kinds.WrongFolder, "schema[0].name")
    assert (type(key), key.field) == (kinds.ContractError, "schema[0].properties[0].primaryKeyPosition")


def test_a_column_hides_nothing_else_of_itself_or_of_the_table(root: Path) -> None:
    edit(root, RATES, "required: true", 'required: "yes"')
    edit(root, RATES, "logicalType: string", "logicalType: date")
    edit(root, RATES, "      - name: amount", "      - name: claim_id")
    assert {error.field: type(error) for error in errors_of(root).errors} == {
        "schema[0].properties[0].required": kinds.WrongValue,
        "schema[0].properties[0].physicalType": kinds.ContractError,
        "schema[0].properties[1].name": kinds.ContractError,
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: claim_id", "name: Claim-Id"),
        ("name: claim_id", "nam: claim_id"),
        ("logicalType: string", "logicaltype: string"),
        ("physicalType: varchar(20)", "physicalType: text"),
        ("physicalType: varchar(20)", "physicalType: varchar(20)\n        physicalType: date"),
        ("primaryKey: true", 'primaryKey: "true"'),
        ("primaryKey: true", "primarykey: true"),
        ("primaryKey: true", "primaryKey: true\n        primaryKey: false"),
        ("  - name: rates", "  - nam: rates"),
        ("  - name: rates", "  - name: 5"),
        ("  - name: rates", "  - name: rates\n    name: claims"),
        ("    properties:", "    property:"),
        ("schema:", "schemas:"),
    ],
)
def test_what_could_not_be_read_has_no_second_mistake(root: Path, old: str, new: str) -> None:
    edit(root, RATES, old, new)
    assert only(root).path == RATES


def test_a_key_that_may_be_merged_in_is_not_missed(root: Path) -> None:
    edit(root, RATES, "primaryKey: true", "<<: {primaryKey: true}")
    assert type(only(root)) is kinds.YamlSyntax
