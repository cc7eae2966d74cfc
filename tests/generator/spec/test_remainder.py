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


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("reports:", "report:"),
        ("warehouse: [claim_total]", "warehouses: [claim_total]"),
        ("warehouse: [claim_total]", "warehouse: claim_total"),
        ("rates: {", "rates: {contract: 5, "),
        ("rates: {", "rates: {contrac: claims_in, "),
        ("  clean:", "  clean:\n    entrypoint: 5"),
    ],
)
def test_what_is_made_of_a_key_that_could_not_be_read_is_not_judged(root: Path, old: str, new: str) -> None:
    """Reports' files, readers, a contract or a script that has another name than the usual one."""
    if "clean" in old:
        (root / "spark_jobs/claims/clean/job.py").unlink()
    if "contrac" in new:
        (root / "tenants/claims/contracts/rates.odcs.yaml").unlink()
    edit(root, TENANT, old, new)
    assert only(root).path == TENANT


def test_names_under_a_key_that_stands_twice_are_not_missed(root: Path) -> None:
    edit(root, TENANT, "jobs:\n", "jobs:\n  clean: {reads: [claims_in], writes: [other]}\n")
    (root / "tenants/claims/contracts/other.odcs.yaml").write_text("")
    assert kinds.UnknownDataset not in {type(error) for error in errors_of(root).errors}


def test_a_key_that_names_nothing_hides_no_dataset_that_nobody_writes(root: Path) -> None:
    edit(root, TENANT, "warehouse: [claim_total]\n", "")
    edit(root, TENANT, "readers: [claims-analysts, audit]", "")
    edit(root, TENANT, "schedule: ", "schedul: ")
    edit(root, TENANT, "[claim, rates]", "[clam, rates]")
    assert [type(error) for error in errors_of(root).errors] == [kinds.UnknownKey, kinds.UnknownDataset]


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
