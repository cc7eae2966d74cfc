"""`sluice control`: one control explained, with what the last run said."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from policies.errors import UnknownControl
from policies.report import explain, verdicts
from policies.verdict import Verdict
from sluice import cli
from tests.policies.report import sample
from tests.policies.report.sample import Golden
from tests.policies.report.test_baseline import recorded
from tests.policies.report.test_handbook import facts

RUN = recorded(sample.run())


def explained(id: str, run: verdicts.RecordedRun | None = RUN) -> str:
    control = sample.REGISTER[id]
    return explain.explain(control, [facts()[check] for check in control.checks], run)


@pytest.mark.parametrize("id", ["CSO_KMS_01", "CSO_EMR_10", "CSO_S3_11", "CSO_IAM_08"])
def test_explanation(golden: Golden, id: str) -> None:
    golden(f"control/{id}.txt", explained(id))


def test_without_a_run() -> None:
    assert explained("CSO_KMS_01", None).endswith(f"{explain.NO_RUN}\n")


def test_a_check_that_the_last_run_did_not_judge_is_named() -> None:
    alone = sample.planned("CSO_EMR_10", "dev/annuity", "aws_emr_cluster.this", Verdict.PASSED)
    said = explained("CSO_EMR_10", recorded(sample.run([alone])))
    assert "1 passed\n  it had nothing to judge for CSO_EMR_10_JOB_FLOW: no plans, or nothing of the kind\n" in said
    assert "nothing to judge for" not in explained("CSO_EMR_10")


@pytest.mark.parametrize("width", [60, 80, 110])
def test_prose_fits_the_terminal(width: int) -> None:
    control = sample.REGISTER["CSO_EMR_10"]
    said = explain.explain(control, [facts()[check] for check in control.checks], None, width=width)
    assert max(map(len, said.splitlines())) <= max(width, len(explain.NO_RUN))


def test_a_requirement_goes_on_below_itself_on_a_terminal() -> None:
    wide, narrow = explain.listing(sample.REGISTER, RUN), explain.listing(sample.REGISTER, RUN, 80)
    assert narrow.split() == wide.split()
    assert len(narrow.splitlines()) > len(wide.splitlines())
    assert max(map(len, narrow.splitlines()[:-2])) <= 80


def test_list(golden: Golden) -> None:
    golden("control/list.txt", explain.listing(sample.REGISTER, RUN))
    assert explain.NO_RUN in explain.listing(sample.REGISTER, None)


@pytest.mark.parametrize("name", ["CSO_EMR_03", "EMR-03", "emr_3", "emr_03", "cso-emr-03", " Emr-03 "])
def test_ways_to_write_a_control(name: str) -> None:
    assert explain.canonical(name) == "CSO_EMR_03"


def test_an_unknown_control_names_the_nearest() -> None:
    with pytest.raises(UnknownControl, match="did you mean CSO_KMS_01") as caught:
        sample.REGISTER[explain.canonical("km-01")]
    assert caught.value.exit_code == 4


def test_hostile_text_moves_no_cursor() -> None:
    text = explained("CSO_KMS_01", recorded(sample.hostile()))
    assert all(char.isprintable() or char == "\n" for char in text)


def test_many_findings_are_counted() -> None:
    many = [sample.planned("CSO_KMS_01", "prod/annuity", f"k{number}", Verdict.FAILED, "off") for number in range(60)]
    assert "and 10 more" in explained("CSO_KMS_01", recorded(sample.run(many)))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder to run the command in, with the sample's register and last run."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "controls.yaml").write_bytes(sample.REGISTER.path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def record(root: Path, text: str) -> None:
    path = root / verdicts.LATEST
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")


def test_command_lists(repository: Path, golden: Golden) -> None:
    record(repository, verdicts.document(sample.run(), sample.TOOLS).decode())
    golden("control/list.txt", CliRunner().invoke(cli.sluice, ["control", "--list"]).output)


def test_command_exits_4_for_an_unknown_control(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["control", "emr-11"]) == 4
    assert "did you mean CSO_EMR_10" in capsys.readouterr().err


def test_command_exits_4_for_a_broken_record(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(repository, "{")
    assert cli.run(["control", "--list"]) == 4
    assert "is no record of a gate's run" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["EMR-10", "--list"], ["--list", "--write-handbook"]])
def test_command_wants_one_thing(repository: Path, arguments: list[str]) -> None:
    assert cli.run(["control", *arguments]) == 2


def test_command_explains_a_control_of_the_real_register(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(Path(__file__).parents[3])
    assert cli.run(["control", "KMS-01"]) == 0
    assert "CSO_KMS_01" in capsys.readouterr().out
