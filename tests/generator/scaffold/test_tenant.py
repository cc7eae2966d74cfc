"""A new tenant: short, valid, and its job passes its own test."""

from __future__ import annotations

import ast
import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from generator import errors as kinds
from generator.errors import SpecErrors
from generator.render import render_tree
from generator.scaffold import new_tenant
from generator.scaffold.tenant import scaffold_files
from generator.spec import load_project, load_tenant
from tests.generator.project import edit, make_project

ROOT = Path(__file__).parents[3]
OWNER = "payments-data@acme.example"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def tree(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_new_tenant_is_valid_beside_the_others(root: Path) -> None:
    before = tree(root)
    written = new_tenant(root, "payments", OWNER, sources=("orders", "refunds"), job="load")
    tenant = load_project(root).tenants["payments"]
    assert tenant.spec.owner == OWNER
    assert tenant.spec.jobs["load"].reads == ("orders", "refunds")
    assert tenant.spec.publishes == ("clean_orders", "clean_refunds", "rejected_record")
    assert tenant.spec.sources["orders"].system == "orbit"
    assert all(tenant.contracts[name].primary_key for name in tenant.contracts)
    after = tree(root)
    assert {path: after[path] for path in before} == before
    assert set(after) - set(before) == {str(path) for path in written}


def test_spec_of_two_sources_and_one_job_has_at_most_25_lines() -> None:
    files = scaffold_files("payments", OWNER, ("orders", "refunds"), "load", "orbit")
    lines = files["tenants/payments/tenant.yaml"].splitlines()
    assert len(lines) <= 25
    assert lines[0] == "# yaml-language-server: $schema=../../schemas/tenant.schema.json"
    assert (ROOT / "tenants/payments" / lines[0].partition("=")[2]).resolve() == ROOT / "schemas/tenant.schema.json"


def test_files_are_the_same_every_time() -> None:
    assert scaffold_files("a-b", OWNER, ("x",), "y", "z") == scaffold_files("a-b", OWNER, ("x",), "y", "z")


def test_a_name_with_a_hyphen_becomes_a_package(root: Path) -> None:
    written = new_tenant(root, "bank-payments", OWNER)
    assert Path("spark_jobs/bank_payments/conform/job.py") in written
    assert load_tenant(root, "bank-payments").spec.entrypoint("conform") == "bank_payments/conform"


@pytest.mark.parametrize(("name", "job"), [("payments", "load"), ("zebra-count", "j" * 30), ("run-x", "a")])
def test_python_is_as_the_house_writes_it(tmp_path: Path, name: str, job: str) -> None:
    files = scaffold_files(name, OWNER, ("orders", "refunds"), job, "orbit")
    for path, text in files.items():
        if path.endswith(".py"):
            ast.parse(text)
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for command in (["check"], ["format", "--check"]):
        found = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "spark_jobs", "tests"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert found.returncode == 0, found.stdout + found.stderr


def test_what_a_new_test_asks_of_the_generator_exists() -> None:
    """Its import is text in a template, which no linter follows."""
    text = scaffold_files("payments", OWNER, ("orders",), "load", "orbit")["tests/spark_jobs/payments/test_load.py"]
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom) and node.module]
    ours = [node for node in imports if str(node.module).startswith("generator")]
    assert ours
    for node in ours:
        module = importlib.import_module(str(node.module))
        assert {alias.name for alias in node.names} <= vars(module).keys()


@pytest.mark.parametrize(
    ("name", "owner", "sources", "job", "kind", "field"),
    [
        ("platform", OWNER, ("orders",), "load", kinds.ReservedName, "tenant"),
        ("runtime", OWNER, ("orders",), "load", kinds.ReservedName, "tenant"),
        ("claims-eu", OWNER, ("orders",), "load", kinds.NameClash, "tenant"),
        ("../claims", OWNER, ("orders",), "load", kinds.WrongValue, "tenant"),
        ("Payments", OWNER, ("orders",), "load", kinds.WrongValue, "tenant"),
        ("payments", "the team\nx: y", ("orders",), "load", kinds.WrongValue, "owner"),
        ("payments", OWNER, ("or ders",), "load", kinds.WrongValue, "sources['or ders']"),
        ("payments", OWNER, ("orders",), "publish", kinds.NameClash, "jobs.publish"),
        ("payments", OWNER, ("orders",), "import", kinds.ReservedName, "jobs.import"),
        ("payments", OWNER, (), "load", kinds.WrongValue, "sources"),
    ],
)
def test_bad_argument_is_named_and_nothing_is_written(
    root: Path, name: str, owner: str, sources: tuple[str, ...], job: str, kind: type[Exception], field: str
) -> None:
    before = tree(root)
    with pytest.raises(SpecErrors) as caught:
        new_tenant(root, name, owner, sources, job)
    assert [(type(error), error.field) for error in caught.value.errors] == [(kind, field)]
    assert str(caught.value).startswith("sluice new: ")
    assert tree(root) == before


def test_nothing_is_overwritten(root: Path) -> None:
    new_tenant(root, "payments", OWNER)
    shutil.rmtree(root / "tenants" / "payments")
    before = tree(root)
    with pytest.raises(SpecErrors) as caught:
        new_tenant(root, "payments", OWNER)
    assert {type(error) for error in caught.value.errors} == {kinds.AlreadyThere}
    assert "spark_jobs/payments/conform/job.py" in {error.path for error in caught.value.errors}
    assert tree(root) == before


def test_no_source_system_common_to_all_environments(root: Path) -> None:
    edit(root, "environments/dev/environment.yaml", "{orbit:", "{comet:")
    edit(root, "tenants/claims/tenant.yaml", "orbit", "comet")
    with pytest.raises(SpecErrors) as caught:
        new_tenant(root, "payments", OWNER)
    assert [type(error) for error in caught.value.errors] == [kinds.UnknownSourceSystem]


def test_new_tenant_renders_and_changes_no_other(root: Path) -> None:
    def rendered() -> dict[str, str]:
        project = load_project(root)
        tree = render_tree(list(project.tenants.values()), list(project.environments.values()))
        return {str(path): text for path, text in tree.items()}

    before = rendered()
    new_tenant(root, "payments", OWNER)
    after = rendered()
    assert {path: after[path] for path in before} == before
    assert "environments/dev/rendered/payments/MANIFEST.json" in after


@pytest.mark.spark
def test_new_job_passes_its_own_test_and_runs(root: Path) -> None:
    new_tenant(root, "payments", OWNER, sources=("orders", "refunds"))
    for folder in ("spark_jobs/runtime", "generator"):
        shutil.copytree(ROOT / folder, root / folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "spark_jobs/__init__.py").touch()
    (root / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    (root / "tests/spark_jobs/conftest.py").write_text(SPARK_FIXTURE)
    (root / "tests/spark_jobs/payments/test_step.py").write_text(STEP_TEST)
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/spark_jobs/payments"],
        cwd=root, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr
    assert "5 passed" in found.stdout


STEP_TEST = """
import json
from pathlib import Path

from generator.spec.contract import contract_names, contracts_json, load_contract
from spark_jobs.payments.conform.job import main

ROOT = Path(__file__).parents[3]


def test_step_writes_complete_datasets(spark, tmp_path):
    names = contract_names(ROOT, "payments")
    contracts = tmp_path / "contracts.json"
    contracts.write_text(contracts_json({name: load_contract(ROOT, "payments", name) for name in names}))
    arguments = ["--job=conform", "--as-of=2026-10-31", "--attempt=0199b3a0-0000-7000-8000-000000000001"]
    arguments += ["--code-version=0123456789abcdef", f"--contracts={contracts.as_uri()}"]
    for source in ("orders", "refunds"):
        lines = [f"H|{source}|2026-10-31|1", "D|R-1|1|2026-10-30|10.00", "D|R-2|1|never|2.50", "T|2|amount=12.50"]
        records = [{str(place): text for place, text in enumerate(line.split("|"))} for line in lines]
        (tmp_path / source).mkdir()
        (tmp_path / source / "sdc-0.json").write_text("".join(json.dumps(record) + chr(10) for record in records))
        arguments.append(f"--read={source}={(tmp_path / source).as_uri()}/")
    written = ["clean_orders", "clean_refunds", "rejected_record"]
    arguments += [f"--write={name}={(tmp_path / name).as_uri()}/" for name in written]
    main(arguments)
    rows = {name: json.loads((tmp_path / name / "_manifest.json").read_text())["rows"] for name in written}
    assert rows == {"clean_orders": 1, "clean_refunds": 1, "rejected_record": 2}
"""
SPARK_FIXTURE = """
import pytest
from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    for key, value in {
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
    }.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    yield session
    session.stop()
"""
