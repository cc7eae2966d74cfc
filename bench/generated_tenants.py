"""Repositories of many different tenants, made at random and the same each time; laid out, rendered, clean."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from bench.measure import ROOT
from generator.render import render
from generator.scaffold import new_tenant

COPIED = ("authority", "dags", "environments", "modules", "policies", "spark_jobs", "tenants")
BEGINNINGS, ENDS = ("life", "pension", "claims", "x"), ("", "-eu", "-two-b")
JOBS = ("conform", "clean_up", "load")


def lay_out(root: Path, tenants: int) -> None:
    """Make a repository of this one's tenants and `tenants` generated ones in `root`, and render it."""
    for name in COPIED:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", ".terraform"))
    choice = random.Random(200)  # noqa: S311 -- the same tenants each time
    for number in range(tenants):
        name = f"{choice.choice(BEGINNINGS)}{number:03}{choice.choice(ENDS)}"
        sources = [f"source_{source}" for source in range(choice.randrange(1, 6))]
        new_tenant(root, name, f"{name}@meridian.example", sources, choice.choice(JOBS))
        path = root / "tenants" / name / "tenant.yaml"
        path.write_text(_shaped(path.read_text(), choice))
    render(root)


def _shaped(spec: str, choice: random.Random) -> str:
    """Return a scaffolded spec with other words where a team may choose."""
    choices = {
        "retention_days: 2555": f"retention_days: {choice.choice((400, 1095, 2555, 3650))}",
        "classification: confidential": f"classification: {choice.choice(('internal', 'confidential', 'restricted'))}",
    }
    for written, other in choices.items():
        if written not in spec:
            raise ValueError(f"a scaffolded spec says no {written!r} any more")
        spec = spec.replace(written, other)
    extra = [
        f'schedule: "{choice.randrange(60)} {choice.randrange(24)} * * *"',
        f"deadline_minutes: {choice.choice((60, 120, 300))}",
        "recovery: silver",
    ]
    return spec + "".join(f"{line}\n" for line in choice.sample(extra, choice.randrange(len(extra) + 1)))
