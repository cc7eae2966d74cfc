"""`sluice comment`: from the steps' files to one comment on a forge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sluice import cli
from tests.delivery.forge.fake_forge import TOKEN, FakeForge, serve

PLAIN = {"counts": {"create": 1}, "destructive": [], "empty": False}
ITEM = {"address": "aws_s3_bucket.this", "type": "aws_s3_bucket", "action": "create"}
TO = ["comment", "--repository", "meridian/data", "--change", "17", "--report", "plans"]


@pytest.fixture(autouse=True)
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans/summary.json").write_text(json.dumps({"dev/annuity": {**PLAIN, "changes": [ITEM]}}))
    (tmp_path / "plans/made.json").write_text(json.dumps({"commit": "c0ffee"}))
    monkeypatch.setattr("sluice.commands.comment.head", lambda root: "c0ffee")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLUICE_FORGE_TOKEN", TOKEN)


@pytest.mark.parametrize("product", ["github", "gitlab", "bitbucket"])
def test_written_and_brought_up_to_date(product: str, capsys: pytest.CaptureFixture[str]) -> None:
    with serve(FakeForge(product)) as forge:
        assert cli.run([*TO, "--forge", product, "--api", forge.url]) == 0
        Path("plans/summary.json").write_text("{}")
        assert cli.run([*TO, "--forge", product, "--api", forge.url]) == 0
        assert len(forge.comments) == 1
        assert "No stack is touched." in forge.texts()[0]
    said = capsys.readouterr()
    assert "created" in said.out
    assert "updated" in said.out
    assert TOKEN not in said.out + said.err


def test_a_dry_run_asks_nobody(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("SLUICE_FORGE_TOKEN")
    assert cli.run([*TO, "--forge", "github", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("## Sluice: no go\n")
    assert "create `aws_s3_bucket.this`" in said


def test_without_a_token(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("SLUICE_FORGE_TOKEN")
    assert cli.run([*TO, "--forge", "github"]) == 2
    assert "SLUICE_FORGE_TOKEN is not set" in capsys.readouterr().err


def test_a_gate_that_judged_other_files_is_not_taken(capsys: pytest.CaptureFixture[str]) -> None:
    Path("spec.yaml").write_text("as judged")
    record = {
        "schema": "sluice-verdicts/1",
        "today": "2026-11-23",
        **{key: [] for key in ("environments", "stacks", "controls", "notes", "waivers", "judgements")},
        "exit_code": 4,
        "counts": {},
        "register": "",
        "tools": {},
        "digests": {"spec.yaml": "7e5b3ae6dc3a40ae5c1e2b5ac1e7d4f0f1c0a3b8"},
    }
    Path(".sluice/gate").mkdir(parents=True)
    Path(".sluice/gate/verdicts.json").write_text(json.dumps(record))
    assert cli.run([*TO, "--forge", "github", "--dry-run"]) == 0
    assert "## Gate: not reached" in capsys.readouterr().out
    record["digests"] = {}
    Path(".sluice/gate/verdicts.json").write_text(json.dumps(record))
    assert cli.run([*TO, "--forge", "github", "--dry-run"]) == 0
    assert "## Gate: no go, the gate could not reach every verdict" in capsys.readouterr().out
