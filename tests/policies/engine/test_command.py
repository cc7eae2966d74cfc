"""`sluice gate`: exit codes by verdicts, reports where they were asked for, and only what a change touched."""

from __future__ import annotations

import subprocess
from functools import partial
from pathlib import Path

import pytest

from policies.gate import Request
from policies.report import verdicts
from sluice import cli
from sluice.commands import gate
from tests.policies.engine.conftest import PAIRS, plan, put


@pytest.fixture
def root(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small repository as the working directory, judged by its own register and waivers."""
    monkeypatch.chdir(repository)
    own = partial(Request, register=repository / "controls.yaml", waivers=repository / "waivers.yaml")
    monkeypatch.setattr(gate, "Request", own)
    return repository


def put_plans(folder: Path, rotates: bool = True) -> Path:
    for environment, stack in PAIRS:
        put(folder / environment / f"{stack}.json", plan(rotates).decode())
    return folder


def test_go(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["gate", "--plan-dir", str(put_plans(tmp_path / "plans"))]) == 0
    assert "exit 0: go" in capsys.readouterr().out
    assert verdicts.read(root / verdicts.LATEST).exit_code == 0


def test_findings(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["gate", "--plan-dir", str(put_plans(tmp_path / "plans", rotates=False))]) == 1
    assert "enable_key_rotation is not true" in capsys.readouterr().out


@pytest.mark.usefixtures("root")
def test_plans_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["gate", "--plans", "none"]) == 0
    assert "Terraform plans were not judged, as asked" in capsys.readouterr().out


@pytest.mark.usefixtures("root")
def test_no_plan_was_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["gate", "--env", "prod"]) == 4
    said = capsys.readouterr().err
    assert "prod/platform: has no plan\nprod/annuity: has no plan" in said
    assert "fix:      sluice plan --env prod; or judge without plans" in said


def test_a_plan_is_missing_in_the_folder(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = put_plans(tmp_path / "plans")
    (folder / "prod/claims.json").unlink()
    assert cli.run(["gate", "--plan-dir", str(folder)]) == 4
    assert "no plan of prod/claims" in capsys.readouterr().err


@pytest.mark.usefixtures("root")
def test_an_unknown_control(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["gate", "--plans", "none", "--control", "CSO_KMS_1"]) == 4
    assert "did you mean CSO_KMS_01?" in capsys.readouterr().err


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("option", [("--env", "test"), ("--tenant", "clams"), ("--today", "tomorrow")])
def test_usage(option: tuple[str, str]) -> None:
    assert cli.run(["gate", "--plans", "none", *option]) == 2


def test_the_day_is_an_argument(root: Path) -> None:
    assert cli.run(["gate", "--plans", "none", "--today", "2026-11-20"]) == 0
    assert verdicts.read(root / verdicts.LATEST).today.isoformat() == "2026-11-20"


def test_every_report(root: Path, tmp_path: Path) -> None:
    folder = put_plans(tmp_path / "plans")
    assert cli.run(["gate", "--plan-dir", str(folder)]) == 0
    baseline = tmp_path / "before.json"
    (root / verdicts.LATEST).rename(baseline)
    put_plans(folder, rotates=False)
    reports = {"--markdown": "gate.md", "--sarif": "gate.sarif", "--junit": "gate.xml", "--evidence": "evidence"}
    options = [text for option, name in reports.items() for text in (option, str(tmp_path / "out" / name))]
    assert cli.run(["gate", "--plan-dir", str(folder), "--baseline", str(baseline), *options]) == 1
    assert "new" in (tmp_path / "out/gate.md").read_text()
    assert '"2.1.0"' in (tmp_path / "out/gate.sarif").read_text()
    assert "<testsuite" in (tmp_path / "out/gate.xml").read_text()
    assert (tmp_path / "out/evidence/SHA256SUMS").is_file()


def git(root: Path, *arguments: str) -> None:
    person = ["-c", "user.name=test", "-c", "user.email=test@meridian.example"]
    subprocess.run(["git", *person, *arguments], cwd=root, check=True, capture_output=True)


def test_changed_since(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(root / ".gitignore", ".sluice/\n")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "all")
    put(root / "tenants/claims/tenant.yaml", "tenant: claims\n")
    assert cli.run(["gate", "--plans", "none", "--changed-since", "HEAD"]) == 1
    assert "only what changed was judged: claims and what stacks share" in capsys.readouterr().out
    put(root / "environments/prod/environment.yaml", (root / "environments/prod/environment.yaml").read_text() + "\n")
    cli.run(["gate", "--plans", "none", "--changed-since", "HEAD"])
    assert "only what changed" not in capsys.readouterr().out


@pytest.mark.usefixtures("root")
def test_a_revision_that_is_none(tmp_path: Path) -> None:
    git(tmp_path / "root", "init", "-q")
    assert cli.run(["gate", "--plans", "none", "--changed-since", "no-such"]) == 2
