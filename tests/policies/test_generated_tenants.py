"""200 generated tenants of many shapes, in both environments: the gate finds nothing in what is rendered for them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bench.generated_tenants import lay_out
from bench.measure import ROOT
from generator.spec import load_environments
from policies.gate import Request, run_gate
from policies.report import terminal
from policies.verdict import Verdict

TENANTS = 200


def test_nothing_is_found_in_two_hundred_clean_tenants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environments = load_environments(ROOT)  # read once, not 200 times
    monkeypatch.setattr("generator.scaffold.tenant.load_environments", lambda root: environments)
    lay_out(tmp_path, TENANTS)

    result = run_gate(Request(tmp_path, date(2026, 11, 23), is_cached=False))

    assert result.exit_code == 0, terminal.render(result)
    assert len(result.stacks) == 2 * (TENANTS + 2)
    assert result.counts[Verdict.PASSED] > 100 * TENANTS
    assert result.waivers == ()
