"""`sluice drift` of production's databases: what it says of their restore tests, how it ends, what it keeps."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from delivery.restore_tests import RestoreTests, RestoreTestsUnknown
from delivery.restored import RestoreRecord, RestoreTest
from delivery.workspace import StackId
from sluice.commands import drift as drift_verb

ROOT = Path(__file__).parents[2]
ADDRESS = "module.authority_db.aws_db_instance.this"
DATABASE = {"address": ADDRESS, "type": "aws_db_instance", "mode": "managed", "values": {"arn": "arn:db"}}
PLAN = {"prior_state": {"values": {"root_module": {"resources": [DATABASE]}}}, "resource_changes": []}

Drift = Callable[..., Result]


def planned(_: Path, environments: tuple[str, ...], *given: Any, look: Any, **options: Any) -> dict[Any, Any]:
    """Stand in for Terraform: each environment's platform is as its release says, and holds a database."""
    for name in environments:
        look.reads[StackId(name, "platform")] = SimpleNamespace(document=PLAN)
    return {}


def restored(days_ago: float) -> RestoreRecord:
    ended = datetime.now(UTC) - timedelta(days=days_ago)
    test = RestoreTest("job-1", "COMPLETED", "", "arn:point", "arn:plan", ended, ended, "")
    return RestoreRecord(ADDRESS, "aws_db_instance", "arn:db", ended - timedelta(days=400), (test,))


@pytest.fixture
def drift(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Drift:
    """Return the verb with AWS's answer given: `drift(record or error, environment)`."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(drift_verb, "plan_all", planned)
    monkeypatch.setattr(drift_verb, "kept", lambda *given: nullcontext())

    def run(answer: RestoreRecord | Exception, environment: str = "prod", *options: str) -> Result:
        def read(held: list[Any]) -> list[RestoreRecord]:
            assert [item["address"] for item in held] == [ADDRESS]
            if isinstance(answer, Exception):
                raise answer
            return [answer]

        monkeypatch.setattr(RestoreTests, "of", lambda *given: SimpleNamespace(read=read))
        given = ["--env", environment, "--stack", "platform", "--out", str(tmp_path), *options]
        return CliRunner().invoke(drift_verb.drift, given)

    return run


def evidence(folder: Path) -> Any:
    return json.loads((folder / "restore_tests.json").read_text())


def test_a_young_restore_test_is_told_and_kept(drift: Drift, tmp_path: Path) -> None:
    result = drift(restored(12))
    assert result.exit_code == 0, result.output
    assert "prod/platform: no drift" in result.stdout
    assert f"prod/platform: restore test of {ADDRESS}: COMPLETED" in result.stdout
    (kept,) = evidence(tmp_path)["prod/platform"]
    assert (kept["is_overdue"], kept["passed"]["job"], kept["passed"]["recovery_point"]) == (
        False,
        "job-1",
        "arn:point",
    )


def test_an_old_restore_test_is_a_finding(drift: Drift, tmp_path: Path) -> None:
    result = drift(restored(91))
    assert result.exit_code == 1
    assert f"prod/platform: 1 drift\n  restore not tested     {ADDRESS}  (COMPLETED " in result.stdout
    assert f"no plan mends prod/platform {ADDRESS}" in result.stderr
    assert evidence(tmp_path)["prod/platform"][0]["is_overdue"] is True


def test_a_finding_stands_in_the_json_too_and_nothing_else_does(drift: Drift) -> None:
    found = json.loads(drift(restored(91), "prod", "--json").stdout)
    assert [(item["address"], item["kind"]) for item in found["prod/platform"]] == [(ADDRESS, "restore not tested")]


def test_what_cannot_be_told_is_no_verdict_and_leaves_no_old_evidence(drift: Drift, tmp_path: Path) -> None:
    drift(restored(12))
    result = drift(RestoreTestsUnknown(f"{ADDRESS}: when restoring it was tested cannot be told"))
    assert getattr(result.exception, "exit_code", None) == 4
    assert not (tmp_path / "restore_tests.json").exists()


def test_development_is_not_asked(drift: Drift, tmp_path: Path) -> None:
    result = drift(RestoreTestsUnknown("not to be asked"), "dev")
    assert (result.exit_code, result.stdout) == (0, "dev/platform: no drift\n")
    assert not (tmp_path / "restore_tests.json").exists()
