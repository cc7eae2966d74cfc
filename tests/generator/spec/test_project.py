"""Loading specs: what is reported beside one file's own form, and what a valid tenant is made of."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator import errors as kinds
from generator.errors import SpecError, SpecErrors
from generator.model import Classification, EnvironmentSpec, TenantSpec
from generator.spec import load_environment, load_environments, load_project, load_tenant, load_tenants
from generator.spec.document import parse
from generator.spec.validation import validate
from generator.spec.yaml_tree import MAX_BYTES
from tests.generator.project import CASES, edit, errors_of, make_project, write

TENANT = "tenants/claims/tenant.yaml"
DEV = "environments/dev/environment.yaml"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def only(root: Path) -> SpecError:
    errors = errors_of(root).errors
    assert len(errors) == 1, [str(error) for error in errors]
    return errors[0]


def test_own_tenants_and_environments_load() -> None:
    project = load_project(ROOT)
    assert {"dev", "prod"} <= project.environments.keys()
    assert "annuity" in project.tenants
    assert project.environments["dev"].is_long_running


def test_values_arrive_typed(root: Path) -> None:
    tenant = load_tenant(root, "claims")
    assert tenant.spec.classification is Classification.CONFIDENTIAL
    assert tenant.spec.jobs["total"].reads == ("claim", "rates")
    assert tenant.spec.sources["rates"].delimiter == ";"
    assert tenant.contracts.keys() == {"claims_in", "rates", "claim", "claim_total"}
    assert tenant.report_sql == {"open_claims": "SELECT claim_id, amount FROM claim_total\n"}
    assert load_tenants(root) == {"claims": tenant}
    assert load_environments(root)["dev"] == load_environment(root, "dev")


def test_error_has_attributes_and_exit_code(root: Path) -> None:
    edit(root, TENANT, "[claim, rates]", "[clam, rates]")
    error = only(root)
    assert isinstance(error, kinds.UnknownDataset)
    assert (error.path, error.line, error.column) == (TENANT, 14, 13)
    assert (error.field, error.value) == ("jobs.total.reads[0]", "clam")
    assert error.expected == "one of claim, claim_total, claims_in, rates"
    assert error.fix == "write claim"
    assert error.exit_code == errors_of(root).exit_code == 2


def test_mistakes_of_all_files_come_in_one_run(root: Path) -> None:
    edit(root, TENANT, "schedule: ", "schedul: ")
    edit(root, "tenants/claims/contracts/rates.odcs.yaml", "decimal(18,2)", "money")
    edit(root, DEV, "eu-west-1b", "eu-central-1b")
    write(root, "tenants/other/tenant.yaml", "tenant: [")
    found = errors_of(root)
    assert {error.path for error in found.errors} == {
        TENANT,
        "tenants/claims/contracts/rates.odcs.yaml",
        DEV,
        "tenants/other/tenant.yaml",
    }
    assert str(found).endswith("4 errors in 4 files")
    assert list(found.errors) == sorted(found.errors, key=lambda error: error.place)


@pytest.mark.parametrize(
    ("removed", "kind", "path", "field"),
    [
        ("tenants/claims/contracts/claim.odcs.yaml", kinds.MissingFile, TENANT, "jobs.clean.writes[0]"),
        ("tenants/claims/contracts/rates.odcs.yaml", kinds.MissingFile, TENANT, "sources.rates"),
        ("tenants/claims/reports/open_claims.sql", kinds.MissingFile, TENANT, "reports.open_claims"),
        ("spark_jobs/claims/clean/job.py", kinds.MissingFile, TENANT, "jobs.clean"),
        (TENANT, kinds.MissingFile, TENANT, ""),
        (DEV, kinds.MissingFile, DEV, ""),
    ],
)
def test_missing_file_is_named_where_it_is_asked_for(
    root: Path, removed: str, kind: type[SpecError], path: str, field: str
) -> None:
    (root / removed).unlink()
    error = only(root)
    assert (type(error), error.path, error.field) == (kind, path, field)
    assert removed in str(error)


def test_misnamed_contract_is_recognised(root: Path) -> None:
    folder = root / "tenants/claims/contracts"
    (folder / "claim.odcs.yaml").rename(folder / "claims.odcs.yaml")
    edit(root, "tenants/claims/contracts/claims.odcs.yaml", "name: claim\n", "name: claims\n")
    unused, missing = errors_of(root).errors
    assert isinstance(unused, kinds.UnusedFile)
    assert unused.path == "tenants/claims/contracts/claims.odcs.yaml"
    assert isinstance(missing, kinds.MissingFile)
    assert missing.fix == "rename claims.odcs.yaml to claim.odcs.yaml"


def test_source_may_share_a_contract_file_of_another_name(root: Path) -> None:
    (root / "tenants/claims/contracts/rates.odcs.yaml").unlink()
    edit(root, TENANT, 'delimiter: ";"', "contract: claims_in")
    assert load_tenant(root, "claims").contracts["rates"].name == "claims_in"


@pytest.mark.parametrize(
    "sql", ["DROP TABLE claim", "SELECT 1; DELETE FROM claim", "", "SELECT 'x"], ids=["drop", "two", "empty", "quote"]
)
def test_report_is_one_query(root: Path, sql: str) -> None:
    write(root, "tenants/claims/reports/open_claims.sql", sql)
    error = only(root)
    assert isinstance(error, kinds.WrongValue)
    assert error.path == "tenants/claims/reports/open_claims.sql"


def test_files_that_are_not_utf8(root: Path) -> None:
    (root / TENANT).write_bytes(b"tenant: claims\nowner: \xff")
    (root / "tenants/claims/contracts/rates.odcs.yaml").write_bytes(b"\xfe")
    first, second = errors_of(root).errors
    assert (type(first), type(second)) == (kinds.YamlSyntax, kinds.YamlSyntax)
    assert second.line == 2


@pytest.mark.parametrize("name", ["claims-eu", "claim", "claimsabc"])
def test_tenant_name_that_begins_like_another(root: Path, name: str) -> None:
    write(root, f"tenants/{name}/tenant.yaml", "")
    clashes = [error for error in errors_of(root).errors if isinstance(error, kinds.NameClash)]
    assert [error.path for error in clashes] == sorted([TENANT, f"tenants/{name}/tenant.yaml"])
    assert all(error.field == "tenant" for error in clashes)


@pytest.mark.parametrize("name", ["platform", "runtime", "dags"])
def test_reserved_tenant_name(root: Path, name: str) -> None:
    write(root, f"tenants/{name}/tenant.yaml", "")
    assert [type(error) for error in errors_of(root).errors if error.field == "tenant"] == [kinds.ReservedName]


@pytest.mark.parametrize("name", ["plat", "platform-x"])
def test_tenant_name_may_not_begin_like_the_platform(root: Path, name: str) -> None:
    write(root, f"tenants/{name}/tenant.yaml", "")
    assert [type(error) for error in errors_of(root).errors if error.field == "tenant"] == [kinds.NameClash]


def test_mistakes_of_another_tenant_are_left_to_it(root: Path) -> None:
    write(root, "tenants/other/tenant.yaml", "tenant: [")
    assert load_tenant(root, "claims").spec.tenant == "claims"
    with pytest.raises(SpecErrors, match="tenants/other"):
        load_tenant(root, "other")


def test_unknown_tenant_and_environment(root: Path) -> None:
    with pytest.raises(SpecErrors) as tenant:
        load_tenant(root, "clams")
    assert isinstance(tenant.value.errors[0], kinds.UnknownTenant)
    assert tenant.value.errors[0].fix == "write claims"
    with pytest.raises(SpecErrors) as environment:
        load_environment(root, "prd")
    assert environment.value.errors[0].fix == "write prod"
    with pytest.raises(SpecErrors):
        load_tenant(root, "../claims")


def test_no_environment_at_all(tmp_path: Path) -> None:
    with pytest.raises(SpecErrors, match="no environment is declared"):
        load_environments(tmp_path)


def test_names_too_long_for_aws_are_told_for_each_environment(root: Path) -> None:
    job = "a_job_with_a_name_so_very_long"[:29]
    edit(root, TENANT, "  total:", f"  {job}:")
    for name in ("dev", "prod"):
        edit(root, f"environments/{name}/environment.yaml", "organisation: acme", "organisation: acme-holding-europe")
    write(root, f"spark_jobs/claims/{job}/job.py", "")
    error = only(root)
    assert isinstance(error, kinds.NameLengthError)
    assert error.value == "acme-holding-europe-prod-claims-job-a-job-with-a-name-so-very-lon"
    assert (error.field, error.column) == (f"jobs.{job}", 3)
    assert error.expected == "at most 64 characters"


def test_environments_whose_names_would_mix(root: Path) -> None:
    """dev + eu-claims and dev-eu + claims compose the same names."""
    write(root, "environments/dev-eu/environment.yaml", (root / DEV).read_text())
    edit(root, "environments/dev-eu/environment.yaml", "environment: dev", "environment: dev-eu")
    edit(root, "environments/dev-eu/environment.yaml", "444444444444", "777777777777")
    edit(root, "environments/dev-eu/environment.yaml", "10.1.0.0", "10.9.0.0")
    error = only(root)
    assert isinstance(error, kinds.NameClash)
    assert (error.path, error.field) == ("environments/dev-eu/environment.yaml", "environment")


def test_code_version_follows_code_runtime_and_contracts_only(root: Path) -> None:
    def version() -> str:
        return load_tenant(root, "claims").code_sha256

    seen = [version()]
    for path, text in [
        ("spark_jobs/claims/clean/job.py", "x = 1\n"),
        ("spark_jobs/runtime/new.py", ""),
        ("spark_jobs/claims/clean/more.py", ""),
    ]:
        write(root, path, text)
        seen.append(version())
    edit(root, "tenants/claims/contracts/claim.odcs.yaml", "varchar(20)", "varchar(21)")
    seen.append(version())
    assert len(set(seen)) == len(seen)
    for path in (
        "spark_jobs/claims/clean/__pycache__/job.py",
        "spark_jobs/claims/notes.txt",
        "spark_jobs/other/job.py",
        "spark_jobs/__init__.py",
    ):
        write(root, path, "unrelated")
    edit(root, TENANT, "Claims of the day.", "Claims of every day.")
    assert version() == seen[-1]


ALIASES = "abcdefghijkl"
BOMBS = {
    "aliases": "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in itertools.pairwise(ALIASES)),
    "alias of itself": "a: &a [*a]",
    "depth in flow": "[" * 60_000,
    "depth in blocks": "".join(" " * depth + "a:\n" for depth in range(400)),
    "many values": "a: [" + "x," * 60_000 + "]",
    "size": "#" * (MAX_BYTES + 1),
    "keys": "".join(f"k{number}: 1\n" for number in range(6_000)),
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_bomb_is_refused_at_once(text: str) -> None:
    started = time.process_time()
    with pytest.raises(SpecErrors) as caught:
        parse("tenant.yaml", text)
    assert time.process_time() - started < 1
    assert isinstance(caught.value.errors[-1], kinds.YamlTooLarge)


FRAGMENTS = st.sampled_from(
    [
        *("tenant: ", "a", ": ", "- ", "[", "]", "{", "}", "&a ", "*a", "!!str ", "<<", "'", '"', "|", ">", "? ", "#"),
        *("0x", "1e999", ".nan", "true", "~", "\n", "\n  ", "%YAML 1.1\n", "---\n", "...\n"),
        *("\\ud800", "\t", "\u2028", "\x00"),
    ]
)
BASE = (CASES / "project" / TENANT).read_text()


@st.composite
def mutated_spec(draw: st.DrawFn) -> str:
    """A valid spec with a few fragments put in, or cut out, anywhere."""
    text = BASE
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(FRAGMENTS | st.text(max_size=3)) + text[at + draw(st.integers(0, 3)) :]
    return text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=80) | st.binary(max_size=60) | st.lists(FRAGMENTS, max_size=25).map("".join) | mutated_spec())
def test_any_text_gives_a_spec_or_its_mistakes(text: str | bytes) -> None:
    for model in (TenantSpec, EnvironmentSpec):
        try:
            assert isinstance(validate(parse("file.yaml", text), model), model)
        except SpecErrors as errors:
            assert errors.errors
            for error in errors.errors:
                assert str(error).count("\n") == 3
                assert error.line >= 1
                assert error.column >= 1
