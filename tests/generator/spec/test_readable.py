"""An environment's mistakes of shape hide nothing else in it, and make nobody guess at what could not be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import errors as kinds
from tests.generator.project import edit, errors_of, make_project
from tests.generator.spec.test_project import DEV, TENANT, only

LINES = (
    "environment: dev",
    "organisation: acme",
    "organisation_id: o-acme000001",
    'account_id: "444444444444"',
    "region: eu-west-1",
    "cidr: 10.1.0.0/16",
    "zones: [eu-west-1a, eu-west-1b]",
    "mode: long_running",
    "worker_types: [m6g.2xlarge, m5.2xlarge, m6i.2xlarge, r6g.2xlarge, r5.2xlarge]",
)
"""What is judged beside something else, one line or part of a line each."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_project(tmp_path)


@pytest.mark.parametrize("line", LINES, ids=[line.partition(":")[0] for line in LINES])
@pytest.mark.parametrize("wrong", ["{key}: 5", "{key}: {{}}", "{key}_: {value}"], ids=["number", "mapping", "renamed"])
def test_what_could_not_be_read_has_no_second_mistake(root: Path, line: str, wrong: str) -> None:
    key, _, value = line.partition(": ")
    edit(root, DEV, line, wrong.format(key=key, value=value))
    error = only(root)
    assert error.path == DEV
    assert key in error.field


@pytest.mark.parametrize("new", ["source_systems: orbit", "source_system: {orbit: ", "source_systems: {Orbit-: "])
def test_no_tenant_is_judged_beside_systems_that_could_not_be_read(root: Path, new: str) -> None:
    old = "source_systems: {orbit: "
    rest = '"arn:aws:iam::666666666666:role/orbit-export"}'
    edit(root, DEV, old + rest, new + rest if new.endswith(" ") else new)
    assert only(root).path == DEV


def test_a_limit_under_a_wrong_name_is_not_taken_for_its_default(root: Path) -> None:
    edit(root, DEV, "  mode: long_running", "  mode: long_running\n  core_units: 20\n  max_unit: 30")
    assert type(only(root)) is kinds.UnknownKey


@pytest.mark.parametrize("zones", ["[eu-west-1a, 5, eu-central-1b]", "[eu-central-1b, eu_west_1a]"])
def test_a_zone_is_judged_beside_one_that_could_not_be_read(root: Path, zones: str) -> None:
    edit(root, DEV, "[eu-west-1a, eu-west-1b]", zones)
    assert {str(error.value) for error in errors_of(root).errors} & {"eu-central-1b"}
    assert len(errors_of(root).errors) == 2


@pytest.mark.parametrize(
    "second", ["region: eu-central-1", "cluster: {core_units: 90}", 'account_id: "444444444444"', "organisation: other"]
)
def test_of_two_values_of_one_key_neither_is_believed(root: Path, second: str) -> None:
    """And what other keys say is still judged."""
    edit(root, DEV, "10.1.0.0/16", "10.2.0.0/16")
    edit(root, DEV, "alerts_email", f"{second}\nalerts_email")
    assert {type(error) for error in errors_of(root).errors} == {kinds.DuplicateKey, kinds.NameClash}


@pytest.mark.parametrize("top", ["<<: {region: eu-central-1}", "tags: !!map {}"])
def test_nothing_is_guessed_of_a_file_that_strays_from_yaml(root: Path, top: str) -> None:
    edit(root, DEV, "10.1.0.0/16", "10.2.0.0/16")
    edit(root, DEV, "alerts_email", f"{top}\nalerts_email")
    assert {type(error) for error in errors_of(root).errors} == {kinds.YamlSyntax}


def test_tenants_are_judged_beside_what_is_known_of_an_environment(root: Path) -> None:
    edit(root, DEV, "monthly_budget_usd: 1000", "monthly_budget_usd: many")
    edit(root, DEV, "{orbit: ", "{polaris: ")
    budget, *systems = errors_of(root).errors
    assert (budget.path, budget.field) == (DEV, "monthly_budget_usd")
    assert [(error.path, error.problem) for error in systems] == [(TENANT, "'orbit' is unknown in dev")] * 2
