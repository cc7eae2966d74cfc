"""`sluice isolation`: what it prints, and by which code it ends."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from delivery.kept import NoCurrentPlan
from delivery.workspace import StackId
from sluice.cli import run
from tests.policies.engine.test_beside import TEMPLATE
from tests.policies.isolation.estate import changed
from tests.policies.isolation.plan_text import write_plans

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def proved(folder: Path, change: Mapping[str, Any]) -> int:
    write_plans(changed(["annuity"], {**change, "environment": "prod"}), folder)
    return run(["isolation", "--env", "prod", "--plan-dir", str(folder)])


def test_a_proof_says_how_large_it_is_and_what_it_takes_for_granted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert proved(tmp_path, {}) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "prod: no tenant reaches another"
    assert said[1].startswith("  1 tenant, 4 principals, ")
    assert said[2] == "  taken for granted: sluice isolation --assumptions, or docs/isolation.md"


def test_a_breach_is_shown_with_its_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    certificates = {
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::meridian-prod-platform-artifacts/emr/certificates.zip",
    }
    assert proved(tmp_path, {"unbounded": ["annuity"], "allow": certificates}) == 1
    assert capsys.readouterr().out.splitlines()[:-2] == [
        "BREACH annuity reaches platform: certificates of the clusters",
        "  principal: arn:aws:iam::222222222222:role/tenant/annuity/meridian-prod-annuity-job-conform",
        '             module.tenant.aws_iam_role.this["conform"]',
        "  request:   s3:GetObject arn:aws:s3:::meridian-prod-platform-artifacts/emr/certificates.zip",
        "  by way of: arn:aws:iam::222222222222:role/tenant/annuity/meridian-prod-annuity-job-conform may s3:GetObject "
        "arn:aws:s3:::meridian-prod-platform-artifacts/emr/certificates.zip",
        "             annuity: aws_iam_role_policy.further, statement 1 allows s3:GetObject",
        "prod: 1 breach",
    ]


def test_undecided_ends_with_4_even_beside_a_breach(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change = {
        "unbounded": ["annuity"],
        "allow": {
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::meridian-prod-platform-artifacts/emr/certificates.zip",
        },
        "add": {"annuity": {"aws_dynamodb_table.this": {"type": "aws_dynamodb_table", "name": "x\x1b[31m"}}},
    }
    assert proved(tmp_path, change) == 4
    said = capsys.readouterr().out
    assert "UNDECIDED annuity: aws_dynamodb_table.this: the proof does not know" in said
    assert "prod: 1 breach, 1 undecided, so nothing is proved" in said


def test_a_missing_plan_is_no_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    estate = changed(["annuity"], {})
    del estate.stacks["annuity"]
    write_plans(estate, tmp_path)
    assert run(["isolation", "--env", "prod", "--plan-dir", str(tmp_path)]) == 4
    assert "annuity.json: does not exist" in capsys.readouterr().err


def test_an_unknown_environment_is_refused() -> None:
    assert run(["isolation", "--env", "moon"]) == 2


def test_assumptions_are_printed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["isolation", "--assumptions"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("## What the proof takes for granted\n1. **Plans and templates are the whole truth.**")
    assert "Redshift schemas" in said
    assert "## Where it errs" not in said


def test_the_proof_is_kept_for_the_comment(tmp_path: Path) -> None:
    write_plans(changed(["annuity"], {"environment": "prod"}), tmp_path)
    report = tmp_path / "report"
    assert run(["isolation", "--env", "prod", "--plan-dir", str(tmp_path), "--report", str(report)]) == 0
    proof = json.loads((report / "isolation.json").read_text())["prod"]
    assert proof["verdict"] == "holds"
    assert proof["text"].startswith("prod: no tenant reaches another")


def test_an_environment_that_was_not_planned_whole_is_not_proved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none(root: Path, stack: StackId) -> Path:
        raise NoCurrentPlan(f"{stack}: has no plan")

    monkeypatch.setattr("sluice.commands.isolation.kept_plan", none)
    assert run(["isolation", "--env", "prod", "--planned", "--report", str(tmp_path)]) == 0
    assert json.loads((tmp_path / "isolation.json").read_text())["prod"]["verdict"] == "not proved here"
    assert "prod: not proved here, which takes the plan of every stack: prod/" in capsys.readouterr().out
    assert run(["isolation", "--env", "prod"]) == 4
    assert "fix:      sluice plan --env prod\n" in capsys.readouterr().err, "one command for all of its stacks"


def test_what_the_tenants_templates_make_is_seen_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("environments", "spark_jobs", "tenants"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns(".terraform", "__pycache__"))
    template = tmp_path / "tenants/annuity/cloudformation/store.yaml"
    template.parent.mkdir()
    template.write_text(TEMPLATE)
    monkeypatch.chdir(tmp_path)
    assert proved(tmp_path / "plans", {}) == 1
    assert "module.cloudformation-store.aws_iam_role.Reader" in capsys.readouterr().out
