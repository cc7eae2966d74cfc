"""200 generated tenants of many shapes, in both environments: the gate finds nothing in what is rendered for them."""

from __future__ import annotations

import random
import shutil
from datetime import date
from pathlib import Path

import pytest

from generator.render import render
from generator.scaffold import new_tenant
from generator.spec import load_environments
from policies.gate import Request, run_gate
from policies.report import terminal
from policies.verdict import Verdict

ROOT = Path(__file__).parents[2]
COPIED = ("authority", "dags", "environments", "modules", "policies", "spark_jobs", "tenants")
TENANTS = 200


def shaped(spec: str, choice: random.Random) -> str:
    """Return a scaffolded spec with other words where a team may choose."""
    choices = {
        "retention_days: 2555": f"retention_days: {choice.choice((400, 1095, 2555, 3650))}",
        "classification: confidential": f"classification: {choice.choice(('internal', 'confidential', 'restricted'))}",
    }
    for written, other in choices.items():
        assert written in spec
        spec = spec.replace(written, other)
    extra = [
        f'schedule: "{choice.randrange(60)} {choice.randrange(24)} * * *"',
        f"deadline_minutes: {choice.choice((60, 120, 300))}",
        "recovery: silver",
    ]
    return spec + "".join(f"{line}\n" for line in choice.sample(extra, choice.randrange(len(extra) + 1)))


def test_nothing_is_found_in_two_hundred_clean_tenants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environments = load_environments(ROOT)
    monkeypatch.setattr(
        "generator.scaffold.tenant.load_environments", lambda root: environments
    )  # read once, not 200 times
    choice = random.Random(200)  # noqa: S311 -- the same tenants each time
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", ".terraform"))
    for number in range(TENANTS):
        name = f"{choice.choice(('life', 'pension', 'claims', 'x'))}{number:03}{choice.choice(('', '-eu', '-two-b'))}"
        sources = [f"source_{source}" for source in range(choice.randrange(1, 6))]
        new_tenant(tmp_path, name, f"{name}@meridian.example", sources, choice.choice(("conform", "clean_up", "load")))
        path = tmp_path / "tenants" / name / "tenant.yaml"
        path.write_text(shaped(path.read_text(), choice))
    render(tmp_path)

    result = run_gate(Request(tmp_path, date(2026, 11, 23), is_cached=False))

    assert result.exit_code == 0, terminal.render(result)
    assert len(result.stacks) == 2 * (TENANTS + 2)
    assert result.counts[Verdict.PASSED] > 100 * TENANTS
    assert result.waivers == ()
