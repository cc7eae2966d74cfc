"""A finding in a rendered file points at the line of the spec that a person edits."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies import data
from policies.artefacts.kinds import KINDS
from policies.causes import FILES, Causes
from policies.registry import load_checks
from policies.verdict import Judgement, Subject, Verdict
from tests.policies.engine.conftest import put

FLOW = "environments/prod/rendered/annuity/dag/job_flow.json"
SPEC = "environments/prod/environment.yaml"


def finding(check: str, line: int = 0, verdict: Verdict = Verdict.FAILED, kind: str = "job_flow") -> Judgement:
    return Judgement("CSO_EMR_10", check, Subject("prod", "annuity", kind, FLOW, FLOW, line), verdict, "old")


def traced(root: Path, judgement: Judgement) -> tuple[str, int]:
    found = Causes(root).traced(judgement)
    assert (found.fingerprint, found.subject.address) == (judgement.fingerprint, FLOW)
    return found.subject.path, found.subject.line


@pytest.fixture
def root(tmp_path: Path) -> Path:
    put(tmp_path / SPEC, "# ours\nenvironment: prod\ncluster:\n  mode: transient\n  release: emr-7.1.0\n")
    put(tmp_path / "tenants/annuity/tenant.yaml", "tenant: annuity\n\njobs: {conform: {}}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("check", "kind", "expected"),
    [
        ("CSO_EMR_10_JOB_FLOW", "job_flow", (SPEC, 5)),
        ("CSO_EMR_11_JOB_FLOW", "job_flow", (SPEC, 3)),  # the key is absent: the nearest above it
        ("CSO_EMR_15_JOB_FLOW", "job_flow", (SPEC, 3)),
        ("CSO_SPOT_01_JOB_FLOW", "job_flow", ("tenants/annuity/tenant.yaml", 3)),
        ("CSO_RED_07_READERS", "warehouse_sql", ("tenants/annuity/tenant.yaml", 1)),
        ("CSO_GOV_01_SPEC", "spec", (FLOW, 0)),
    ],
)
def test_the_line_that_decides(root: Path, check: str, kind: str, expected: tuple[str, int]) -> None:
    assert traced(root, finding(check, kind=kind)) == expected


def test_what_is_not_traced(root: Path) -> None:
    assert traced(root, finding("CSO_EMR_10_JOB_FLOW", line=7)) == (FLOW, 7)
    assert traced(root, finding("CSO_EMR_10_JOB_FLOW", verdict=Verdict.PASSED)) == (FLOW, 0)
    put(root / SPEC, "cluster: [")
    assert traced(root, finding("CSO_EMR_10_JOB_FLOW")) == (FLOW, 0)
    (root / SPEC).unlink()
    assert traced(root, finding("CSO_EMR_10_JOB_FLOW")) == (FLOW, 0)


def test_the_table_names_what_exists() -> None:
    table = data.read("causes")
    assert set(table["kinds"]) <= set(KINDS)
    assert set(table["checks"]) <= set(load_checks().all)
    assert {file for cause in (*table["kinds"].values(), *table["checks"].values()) for file in cause} <= set(FILES)
