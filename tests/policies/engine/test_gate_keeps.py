"""Verdicts are kept only while nothing that they depend on has changed; side by side they are the same."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from policies import work
from policies.errors import ArtefactUnreadable
from policies.verdict import Judgement
from tests.policies.engine.conftest import Run, put


def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the units whose artefacts are judged anew."""
    judged: Counter[str] = Counter()
    real = work.Work.judge_units

    def judge_units(self: work.Work, units: list[str]) -> dict[str, list[Judgement]]:
        judged.update(units)
        return real(self, units)

    monkeypatch.setattr(work.Work, "judge_units", judge_units)
    return judged


def test_what_did_not_change_is_not_judged_again(run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = counted(monkeypatch)
    first = run()
    assert judged.total() == 4
    assert run().judgements == first.judgements
    assert judged.total() == 4
    put(repository / "tenants/claims/tenant.yaml", "tenant: claims\n")
    assert run().exit_code == 1
    assert judged.total() == 5


@pytest.mark.parametrize(
    "path",
    [
        "environments/prod/environment.yaml",
        "environments/prod/rendered/claims/dag/daily.py",
        "spark_jobs/claims/job.py",
        "tenants/claims/tenant.yaml",
    ],
)
def test_every_input_counts(run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    judged = counted(monkeypatch)
    run()
    before = judged.total()
    text = (repository / path).read_text()
    put(repository / path, text.replace("region: us-east-1", "region: us-east-2") + "# changed\n")
    run()
    assert judged.total() > before


def test_another_day_is_judged_anew(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = counted(monkeypatch)
    run()
    run(today=date(2026, 11, 24))
    assert judged.total() == 8


def test_a_changed_policy_voids_everything(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = counted(monkeypatch)
    run()
    monkeypatch.setattr("policies.run.tools", lambda: {"policies": "sha256:other"})
    run()
    assert judged.total() == 8


@pytest.mark.parametrize("damage", [b"", b"x" * 100, None])
def test_an_unreadable_cache_is_not_believed(
    run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes | None
) -> None:
    put(repository / "tenants/claims/tenant.yaml", "tenant: claims\n")
    assert run().exit_code == 1
    judged = counted(monkeypatch)
    for path in (repository / ".sluice/gate-cache").glob("*/*"):
        content = path.read_bytes()
        path.write_bytes(damage if damage is not None else content.replace(b"failed", b"passed"))
    assert run().exit_code == 1
    assert judged["claims"] == 1


def test_side_by_side_is_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = run(is_cached=False)
    monkeypatch.setattr(work, "FEW_UNITS", 1)
    monkeypatch.setattr(work, "CHUNK", 1)
    assert run(is_cached=False).judgements == alone.judgements


def test_an_error_side_by_side_is_an_error(run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "FEW_UNITS", 1)
    (repository / "tenants/claims/tenant.yaml").write_bytes(b"\xff")
    with pytest.raises(ArtefactUnreadable, match=r"tenants/claims/tenant\.yaml"):
        run()
