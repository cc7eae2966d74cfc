"""`sluice waivers` tells in time: what ends soon, what has ended, what is broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from sluice.commands import waivers as verb

ROOT = Path(__file__).parents[2]
Run = Callable[..., tuple[int, str]]
WAIVER = """
  - id: W-0001
    control: CSO_S3_11
    address: module.lake.aws_s3_bucket.this
    tenant: annuity
    environment: prod
    owner: data-engineering@meridian.example
    reason: the replica's region is ordered and arrives in January
    ticket: RISK-1042
    approver: cloud-security@meridian.example
    created: 2026-11-23
    expires: 2027-01-31
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs the verb on a day, over a repository with the waivers given."""
    for name in ("environments", "tenants"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/controls.yaml").symlink_to(ROOT / "policies/controls.yaml")
    monkeypatch.chdir(tmp_path)

    def waivers(text: str, today: str, *options: str) -> tuple[int, str]:
        (tmp_path / "policies/waivers.yaml").write_text(f"waivers:{text}")
        result = CliRunner().invoke(verb.waivers, ["--within", "14", "--today", today, *options])
        return result.exit_code, result.output

    return waivers


@pytest.mark.parametrize(
    ("today", "code", "said"),
    [
        ("2026-11-23", 0, "holds"),
        ("2027-01-16", 0, "holds      2027-01-31   15 days"),
        ("2027-01-17", 1, "ends soon  2027-01-31   14 days"),
        ("2027-01-31", 1, "ENDED"),
    ],
)
def test_a_waiver_is_told_before_it_ends(run: Run, today: str, code: int, said: str) -> None:
    found, output = run(WAIVER, today)
    assert found == code
    assert output.startswith(said)
    assert "W-0001  CSO_S3_11  prod/annuity" in output


def test_none_is_no_finding(run: Run) -> None:
    assert run(" []", "2026-11-23") == (0, "no control is waived\n")


def test_a_waiver_that_is_wrong_is_a_finding_whatever_its_days(run: Run) -> None:
    code, output = run(WAIVER.replace("tenant: annuity", "tenant: nobody"), "2026-11-23")
    assert code == 1
    assert "nobody" in output


def test_who_approved_it_and_why_is_told(run: Run) -> None:
    _, output = run(WAIVER, "2026-11-23")
    assert "reason    the replica's region is ordered and arrives in January (RISK-1042)" in output
    assert "approver  cloud-security@meridian.example, on 2026-11-23" in output


def test_a_script_gets_every_field_and_the_same_exit_code(run: Run) -> None:
    code, output = run(WAIVER, "2027-01-17", "--json")
    (told,) = json.loads(output)
    assert code == 1
    assert (told["id"], told["state"], told["days_left"], told["faults"]) == ("W-0001", "ends soon", 14, [])
    assert (told["approver"], told["expires"]) == ("cloud-security@meridian.example", "2027-01-31")
    assert run(" []", "2026-11-23", "--json") == (0, "[]\n")
