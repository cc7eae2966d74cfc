"""`sluice new`, by flags and by questions; what it writes is tested where it is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from sluice.commands import tenant

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty repository with this one's environments."""
    for name in ("tenants", "spark_jobs", "tests"):
        (tmp_path / name).mkdir()
    (tmp_path / "environments").symlink_to(REPOSITORY / "environments")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_flags_leave_nothing_to_ask(project: Path) -> None:
    result = CliRunner().invoke(tenant.new, ["claims", "--owner", "c@meridian.example", "--source", "paid"])
    assert result.exit_code == 0, result.output
    assert "Tenant" not in result.output
    assert "paid:" in (project / "tenants/claims/tenant.yaml").read_text()


@pytest.mark.parametrize("sources", ["paid open", "paid, open"])
def test_without_a_name_it_asks(project: Path, sources: str) -> None:
    answers = f"claims\nc@meridian.example\n{sources}\ntidy\n"
    result = CliRunner().invoke(tenant.new, input=answers)
    assert result.exit_code == 0, result.output
    text = (project / "tenants/claims/tenant.yaml").read_text()
    assert "paid:" in text
    assert "open:" in text
    assert "tidy:" in text


def test_a_dry_run_names_the_files_and_writes_none(project: Path) -> None:
    result = CliRunner().invoke(tenant.new, ["claims", "--owner", "c@meridian.example", "--dry-run"])
    assert result.exit_code == 0, result.output
    assert "would write tenants/claims/tenant.yaml" in result.output
    assert not list((project / "tenants").iterdir())


def test_the_schema_is_a_tenants_unless_told_otherwise() -> None:
    kept = {kind: (REPOSITORY / f"schemas/{kind}.schema.json").read_text() for kind in ("tenant", "environment")}
    for arguments, kind in (([], "tenant"), (["tenant"], "tenant"), (["environment"], "environment")):
        assert CliRunner().invoke(tenant.schema, arguments).output == kept[kind]
