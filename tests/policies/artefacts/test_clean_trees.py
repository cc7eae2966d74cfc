"""The delivery itself, and generated tenants of all shapes, come out without a finding."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from generator.render.tree import render
from generator.scaffold.tenant import new_tenant
from policies.artefacts.base import Artefact
from policies.artefacts.discovery import discover
from policies.check import ArtefactCheck, Context, NotApplicable, Undecided
from tests.policies import case_files as cases

ROOT = Path(__file__).parents[3]
ACCOUNTS = {"dev": "111111111111", "prod": "222222222222"}
SERVICES = ("airflow/", "jenkins/", "secrets/", "spark/", "streamsets/")
CHECKS = [
    check
    for key, check in cases.check_modules().items()
    if key.startswith(SERVICES) and isinstance(check, ArtefactCheck)
]
TENANTS = 8


def context(environment: str, stack: str) -> Context:
    account = ACCOUNTS.get(environment, "")
    return Context(environment, stack, date(2026, 11, 23), environment != "dev", "meridian", account, "us-east-1")


def findings(artefacts: list[Artefact]) -> list[str]:
    """Return everything that the checks of code find, and where there is no verdict."""
    found = []
    for artefact in artefacts:
        for check in (check for check in CHECKS if check.artefact == artefact.kind):
            try:
                found += [f"{check.check_id} {artefact.path}: {problem}" for problem in check.judge(artefact)]
            except Undecided as reason:
                found.append(f"{check.check_id} {artefact.path}: no verdict: {reason}")
            except NotApplicable:
                continue
    return found


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's specs and code with more tenants: short and long names, one source and many."""
    root = tmp_path_factory.mktemp("repository")
    for folder in ("tenants", "spark_jobs", "dags"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for environment in ("dev", "prod"):
        (root / "environments" / environment).mkdir(parents=True)
        shutil.copy(ROOT / "environments" / environment / "environment.yaml", root / "environments" / environment)
    for number in range(TENANTS):
        name = f"unit{number:02}" if number % 2 else f"life-{number:02}"
        sources = [f"source_{source}" for source in range(number % 5 + 1)]
        new_tenant(root, name, f"{name}@meridian.example", sources, "conform" if number % 3 else "clean_up")
    render(root)
    return root


def test_every_check_of_code_is_among_them() -> None:
    assert Counter(check.artefact for check in CHECKS) == {
        "dag": 10,
        "dag_runtime": 1,
        "jenkinsfile": 4,
        "pipeline": 3,
        "secret_scan": 2,
        "spark_job": 4,
    }


def test_the_delivery_is_clean() -> None:
    assert findings(discover(ROOT, ["dev", "prod"], None, context)) == []


def test_generated_tenants_are_clean(root: Path) -> None:
    artefacts = discover(root, ["dev", "prod"], None, context)
    kinds = Counter(artefact.kind for artefact in artefacts)
    assert kinds["dag"] == 2 * 2 * (TENANTS + 1)
    assert kinds["pipeline"] > 2 * TENANTS
    assert findings(artefacts) == []


def test_one_tenants_files_are_refused_as_anothers(root: Path) -> None:
    """What is clean for its own tenant is not for another: each check that guards a tenant's place says so."""
    foreign = {
        artefact.kind: type(artefact)(artefact.path, artefact.text, context("prod", "annuity"))
        for artefact in discover(root, ["prod"], ["unit01"], context)
        if artefact.kind in ("dag", "pipeline")
    }
    assert {"CSO_AIR_02_ADDRESSES", "CSO_AIR_02_OPERATORS"} <= {
        finding.split()[0] for finding in findings([foreign["dag"]])
    }
    assert {"CSO_SDC_02", "CSO_SDC_03"} <= {finding.split()[0] for finding in findings([foreign["pipeline"]])}
