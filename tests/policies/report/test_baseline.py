"""New, old and fixed findings: what one run says about an earlier one, read back from its own JSON."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from policies.errors import ArtefactUnreadable
from policies.report import baseline, verdicts
from policies.result import GateResult
from policies.verdict import Judgement, Subject, Verdict
from tests.policies.report import sample
from tests.policies.report.sample import planned

OFF = planned("CSO_KMS_01", "prod/annuity", "aws_kms_key.a", Verdict.FAILED, "off")


def recorded(run: GateResult) -> verdicts.RecordedRun:
    """Return a run as a later one reads it from its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "verdicts.json"
        path.write_bytes(verdicts.document(run, sample.TOOLS))
        return verdicts.read(path)


def compared(before: list[Judgement], now: list[Judgement], **changes: object) -> dict[str, list[str]]:
    found = baseline.compare(sample.run(now, **changes), recorded(sample.run(before)))
    groups = {"new": found.new, "old": found.old, "fixed": found.fixed, "not judged": found.not_judged}
    return {name: [item.subject.address for item in items] for name, items in groups.items() if items}


def test_new_old_and_fixed() -> None:
    other = planned("CSO_KMS_01", "prod/annuity", "aws_kms_key.b", Verdict.FAILED, "off")
    third = planned("CSO_KMS_01", "prod/annuity", "aws_kms_key.c", Verdict.FAILED, "off")
    assert compared([OFF, other], [other, third]) == {
        "new": ["aws_kms_key.c"],
        "old": ["aws_kms_key.b"],
        "fixed": ["aws_kms_key.a"],
    }


def test_a_finding_with_other_words_is_the_old_one() -> None:
    assert compared([OFF], [planned("CSO_KMS_01", "prod/annuity", "aws_kms_key.a", Verdict.FAILED, "90 days")]) == {
        "old": ["aws_kms_key.a"]
    }


def test_a_second_finding_on_an_old_subject_is_new() -> None:
    second = planned("CSO_KMS_01", "prod/annuity", "aws_kms_key.a", Verdict.FAILED, "also open to all")
    assert compared([OFF], [OFF, second]) == {"old": ["aws_kms_key.a"], "new": ["aws_kms_key.a"]}


def test_what_lost_its_verdict_is_not_fixed() -> None:
    undecided = planned("CSO_KMS_01", "prod/annuity", "aws_kms_key.a", Verdict.NO_VERDICT, "unknown")
    assert compared([OFF], [undecided]) == {"old": ["aws_kms_key.a"]}


def test_what_is_waived_now_is_not_fixed() -> None:
    waived = planned("CSO_KMS_01", "prod/annuity", "aws_kms_key.a", Verdict.WAIVED, "off", "W-0001")
    assert compared([OFF], [waived]) == {}


def test_what_was_waived_and_fails_now_is_new() -> None:
    waived = planned("CSO_KMS_01", "prod/annuity", "aws_kms_key.a", Verdict.WAIVED, "off", "W-0001")
    assert compared([waived], [OFF]) == {"new": ["aws_kms_key.a"]}


@pytest.mark.parametrize(
    ("subject", "is_judged"),
    [
        (Subject("prod", "claims", "plan", "x"), False),
        (Subject("prod", "annuity", "plan", "x"), True),
        (Subject("", "claims", "spec", "x"), False),
        (Subject("", "annuity", "spec", "x"), True),
        (Subject("staging", "", "isolation", "x"), False),
        (Subject("prod", "", "isolation", "x"), True),
        (Subject("", "", "jenkinsfile", "x"), False),
    ],
)
def test_only_what_was_judged_again_is_fixed(subject: Subject, is_judged: bool) -> None:
    before = Judgement("CSO_KMS_01", "CSO_KMS_01", subject, Verdict.FAILED, "off")
    now = [planned("CSO_KMS_01", "prod/annuity", "aws_kms_key.b", Verdict.PASSED)]
    assert compared([before], now) == {"fixed" if is_judged else "not judged": ["x"]}


def test_what_a_plan_showed_is_not_fixed_by_a_run_without_plans() -> None:
    on_files = Judgement("CSO_KMS_01", "CSO_KMS_01", Subject("prod", "annuity", "spec", "kept"), Verdict.PASSED)
    assert compared([OFF], [on_files], digests={}) == {"not judged": ["aws_kms_key.a"]}


def test_a_way_between_tenants_is_not_closed_by_a_run_that_did_not_look_for_it() -> None:
    """Isolation is judged over the plans of all stacks; this run had one of them."""
    way = planned("CSO_ISO_01", "prod/annuity", "module.tenant.aws_iam_role.this", Verdict.FAILED, "annuity reaches")
    register = type(sample.REGISTER)(
        {**sample.REGISTER.controls, "CSO_ISO_01": sample.REGISTER["CSO_KMS_01"]}, sample.REGISTER.path
    )
    other = planned("CSO_KMS_01", "prod/annuity", "aws_kms_key.b", Verdict.PASSED)
    assert compared([way], [other], register=register) == {"not judged": [way.subject.address]}


def test_a_control_that_was_not_judged_fixes_nothing() -> None:
    register = type(sample.REGISTER)({"CSO_S3_01": sample.REGISTER["CSO_S3_01"]}, sample.REGISTER.path)
    assert compared([OFF], [], register=register) == {"not judged": ["aws_kms_key.a"]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"schema": "sluice-verdicts/1"}',
        verdicts.document(sample.run(), {}).decode().replace("/1", "/9"),
    ],
)
def test_a_broken_record_is_no_baseline(tmp_path: Path, text: str) -> None:
    path = tmp_path / "verdicts.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ArtefactUnreadable):
        verdicts.read(path)


def test_a_missing_record_is_no_baseline(tmp_path: Path) -> None:
    with pytest.raises(ArtefactUnreadable, match="sluice gate writes one"):
        verdicts.read(tmp_path / "verdicts.json")


def test_a_run_reads_back_as_it_was() -> None:
    assert tuple(recorded(sample.run()).judged()) == sample.judgements()


def test_hostile_text_is_recognised_in_the_next_run() -> None:
    run = sample.hostile()
    assert [len(items) for items in vars(baseline.compare(run, recorded(run))).values()] == [0, 1, 0, 0]
