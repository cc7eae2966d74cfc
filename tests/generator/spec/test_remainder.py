"""Every mistake of a file in one run: what has the wrong shape hides nothing, and is not told twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import errors as kinds
from tests.generator.project import edit, errors_of, make_project
from tests.generator.spec.test_project import TENANT, only


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def test_a_mistake_of_shape_hides_none_of_the_others(root: Path) -> None:
    edit(root, TENANT, "schedule: ", "schedul: ")
    edit(root, TENANT, "claims_in: {system: orbit}", "claims_in: {system: orbis}")
    edit(root, TENANT, "[claim, rates]", "[clam, rates]")
    (root / "spark_jobs/claims/clean/job.py").unlink()
    assert {type(error) for error in errors_of(root).errors} == {
        kinds.UnknownKey,
        kinds.UnknownSourceSystem,
        kinds.UnknownDataset,
        kinds.MissingFile,
    }


def test_a_mistake_of_an_environment_hides_none_of_a_tenant(root: Path) -> None:
    edit(root, "environments/dev/environment.yaml", "account_id: ", "account: ")
    edit(root, TENANT, "claims_in: {system: orbit}", "claims_in: {system: orbis}")
    told = [error for error in errors_of(root).errors if isinstance(error, kinds.UnknownSourceSystem)]
    assert [error.problem for error in told] == [
        "'orbis' is unknown in dev, did you mean 'orbit'?",
        "'orbis' is unknown in prod, did you mean 'orbit'?",
    ]


@pytest.mark.parametrize(("old", "new"), [("writes: [claim]", "writes: [Claim-1]"), ("  clean:", "  Clean-1:")])
def test_a_name_that_cannot_be_read_is_told_once(root: Path, old: str, new: str) -> None:
    """Not also as what others read and nobody writes."""
    edit(root, TENANT, old, new)
    assert type(only(root)) is kinds.WrongValue


def test_a_column_of_the_wrong_shape_hides_no_other_column(root: Path) -> None:
    path = "tenants/claims/contracts/rates.odcs.yaml"
    edit(root, path, "decimal(18,2)", "money")
    edit(root, path, "logicalType: string", "logicalType: date")
    assert [type(error) for error in errors_of(root).errors] == [kinds.ContractError, kinds.WrongValue]


def test_a_table_is_never_proposed_in_place_of_itself(root: Path) -> None:
    edit(root, TENANT, "publishes: [claim, claim_total]", "publishes: [claim, claim_totl]")
    edit(root, TENANT, "warehouse: [claim_total]", "warehouse: [claim_totl]")
    fixes = {error.field: error.fix for error in errors_of(root).errors}
    assert fixes == {"publishes[1]": "write claim_total", "warehouse[0]": "write claim_total"}
