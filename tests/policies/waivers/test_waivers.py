"""What waivers waive, and what makes one worthless."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from policies import waivers
from policies.verdict import Verdict
from tests.policies.waivers.declared import BUCKET, GOOD, REGISTER, TODAY, applied, faults, judgement, loaded

FAILED, PASSED, NO_VERDICT = Verdict.FAILED, Verdict.PASSED, Verdict.NO_VERDICT


def test_a_waiver_waives_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    others = [
        judgement(FAILED, f"{BUCKET}2"),
        judgement(FAILED, place="dev/annuity"),
        judgement(FAILED, place="prod/claims"),
        judgement(FAILED, place=""),
    ]
    found = applied(tmp_path, [judgement(FAILED), *others], GOOD)
    assert [item.verdict for item in found.judgements] == [Verdict.WAIVED, *[FAILED] * 4]
    assert found.judgements[0].waiver == "W-0001"
    assert found.judgements[0].found == "found"
    assert [waiver.id for waiver in found.in_force] == ["W-0001"]
    assert [(item.control, item.check, item.verdict) for item in found.about_waivers] == [
        (waivers.CONTROL, waivers.CHECK, PASSED)
    ]


def test_a_glob_waives_every_failing_thing_under_it(tmp_path: Path) -> None:
    found = applied(tmp_path, [judgement(FAILED, "m.a"), judgement(FAILED, "m.b")], {**GOOD, "address": "m.?"})
    assert [item.verdict for item in found.judgements] == [Verdict.WAIVED] * 2


def test_no_verdict_cannot_be_waived(tmp_path: Path) -> None:
    found = applied(tmp_path, [judgement(NO_VERDICT)], GOOD)
    assert found.judgements == (judgement(NO_VERDICT),)
    assert found.in_force == ()
    assert faults(found) == []


def test_no_verdict_beside_a_failure_stays(tmp_path: Path) -> None:
    found = applied(tmp_path, [judgement(FAILED), judgement(NO_VERDICT, check="CSO_S3_11_MORE")], GOOD)
    assert [item.verdict for item in found.judgements] == [Verdict.WAIVED, NO_VERDICT]


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("expires", TODAY, "it expired on 2026-11-23"),
        ("expires", TODAY - timedelta(1), "it expired on 2026-11-22"),
        ("expires", date(2027, 1, 31), "it is to hold for 91 days; 90 are the most"),
        ("created", TODAY + timedelta(1), "it was created on 2026-11-24, which is yet to come"),
        ("reason", "", "its reason says nothing: ''"),
        ("reason", None, "its reason says nothing: ''"),
        ("reason", "  ", "its reason says nothing: '  '"),
        ("reason", "TBD", "its reason says nothing: 'TBD'"),
        ("ticket", "", "its ticket says nothing: ''"),
        ("ticket", "n/a", "its ticket says nothing: 'n/a'"),
        ("id", "", "its id says nothing: ''"),
        ("address", "", "its address says nothing: ''"),
        ("approver", "Cloud Security", "its approver 'Cloud Security' is no mail address"),
        ("approver", "a@b.example, c@d.example", "its approver 'a@b.example, c@d.example' is no mail address"),
        ("owner", "", "its owner '' is no mail address"),
        ("control", "CSO_S3_99", "its control 'CSO_S3_99' does not exist"),
        ("control", "CSO_S3_*", "its control 'CSO_S3_*' does not exist"),
        ("tenant", "anuity", "its tenant 'anuity' does not exist"),
        ("tenant", "*", "its tenant '*' does not exist"),
        ("environment", "production", "its environment 'production' does not exist"),
    ],
)
def test_a_faulty_waiver_fails_and_waives_nothing(tmp_path: Path, field: str, value: Any, fault: str) -> None:
    found = applied(tmp_path, [judgement(FAILED)], {**GOOD, field: value})
    assert [item.verdict for item in found.judgements] == [FAILED]
    assert found.in_force == ()
    assert any(text.endswith(fault) for text in faults(found)), faults(found)


@pytest.mark.parametrize(
    "approver",
    [
        "data-engineering@meridian.example",
        "Data-Engineering@MERIDIAN.example",
        " data-engineering@meridian.example ",
        "data-engineering+approvals@meridian.example",
    ],
)
def test_nobody_approves_their_own_waiver(tmp_path: Path, approver: str) -> None:
    found = applied(tmp_path, [judgement(FAILED)], {**GOOD, "approver": approver})
    assert any("it is self-approved" in text for text in faults(found))
    assert [item.verdict for item in found.judgements] == [FAILED]


@pytest.mark.parametrize("days", [0, 89, 90, 91])
def test_a_waiver_holds_until_the_day_it_expires(tmp_path: Path, days: int) -> None:
    today = GOOD["created"] + timedelta(days)
    found = applied(tmp_path, [judgement(FAILED)], GOOD, today=today)
    assert (found.judgements[0].verdict is Verdict.WAIVED) == (days < 90)
    if found.in_force:
        assert found.in_force[0].days_left(today) == 90 - days


def test_an_unused_waiver_fails(tmp_path: Path) -> None:
    (text,) = faults(applied(tmp_path, [judgement(FAILED, "elsewhere")], GOOD))
    assert text == "waiver 'W-0001': it is unused: nothing that it matches fails"


def test_what_was_not_judged_leaves_a_waiver_unjudged(tmp_path: Path) -> None:
    assert applied(tmp_path, [], GOOD, in_scope=lambda waiver: False).about_waivers == ()


def test_what_is_wrong_with_a_waiver_by_itself_is_told_whatever_was_judged(tmp_path: Path) -> None:
    found = applied(tmp_path, [], GOOD, {**GOOD, "id": "W-2", "reason": ""}, in_scope=lambda waiver: False)
    assert faults(found) == ["waiver 'W-2': its reason says nothing: ''"]


def test_out_of_scope_waivers_still_waive_what_was_judged(tmp_path: Path) -> None:
    found = applied(tmp_path, [judgement(FAILED)], GOOD, in_scope=lambda waiver: False)
    assert [item.verdict for item in found.judgements] == [Verdict.WAIVED]


def test_a_waiver_that_matches_what_passed_is_over_broad(tmp_path: Path) -> None:
    items = [judgement(FAILED, "m.a"), judgement(PASSED, "m.b"), judgement(PASSED, "m.c")]
    found = applied(tmp_path, items, {**GOOD, "address": "m.*"})
    assert faults(found) == [
        "waiver 'W-0001': it is over-broad: its address matches 2 that passed and need no waiver, as 'm.b'"
    ]
    assert [item.verdict for item in found.judgements] == [FAILED, PASSED, PASSED]


@pytest.mark.parametrize(("address", "is_broad"), [("*", True), ("m.?", True), ("m.*", True), ("m.a", False)])
def test_a_glob_for_one_address_is_over_broad(tmp_path: Path, address: str, is_broad: bool) -> None:
    found = applied(
        tmp_path, [judgement(FAILED, "m.a"), judgement(FAILED, "m.a", line=3)], {**GOOD, "address": address}
    )
    fault = "waiver 'W-0001': it is over-broad: a glob for one address would cover what comes later; write 'm.a'"
    assert faults(found) == [fault] * is_broad
    assert {item.verdict for item in found.judgements} == {FAILED if is_broad else Verdict.WAIVED}


def test_what_does_not_apply_or_has_no_verdict_makes_no_waiver_over_broad(tmp_path: Path) -> None:
    items = [judgement(FAILED, "m.a"), judgement(Verdict.NOT_APPLICABLE, "m.b"), judgement(NO_VERDICT, "m.c")]
    found = applied(tmp_path, items, {**GOOD, "address": "m.*"})
    assert faults(found) == []
    assert [item.verdict for item in found.judgements] == [Verdict.WAIVED, Verdict.NOT_APPLICABLE, NO_VERDICT]


@pytest.mark.parametrize("line", [0, 7])
def test_another_check_that_passed_on_the_failing_thing_makes_no_waiver_over_broad(tmp_path: Path, line: int) -> None:
    items = [judgement(FAILED, line=line), judgement(PASSED, check="CSO_S3_11_MORE")]
    found = applied(tmp_path, items, GOOD)
    assert faults(found) == []
    assert [item.verdict for item in found.judgements] == [Verdict.WAIVED, PASSED]


def test_a_second_waiver_for_the_same_is_unused(tmp_path: Path) -> None:
    found = applied(tmp_path, [judgement(FAILED)], GOOD, {**GOOD, "id": "W-0002"})
    assert found.judgements[0].waiver == "W-0001"
    assert faults(found) == ["waiver 'W-0002': it is unused: nothing that it matches fails; W-0001 waives it already"]


def test_an_id_stands_once(tmp_path: Path) -> None:
    found = applied(tmp_path, [judgement(FAILED), judgement(FAILED, "m.b")], GOOD, {**GOOD, "address": "m.b"})
    assert faults(found) == [
        "waiver 'W-0001': its id stands also on line 13",
        "waiver 'W-0001': its id stands also on line 2",
    ]
    assert [item.verdict for item in found.judgements] == [FAILED, FAILED]


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    found = applied(tmp_path, [], {**GOOD, "reason": "", "ticket": "", "control": "CSO_NO_01"})
    assert len(faults(found)) == 3
    subject = found.about_waivers[0].subject
    assert (subject.path, subject.line, subject.address) == (waivers.FILE, 2, f"{waivers.FILE}#W-0001")
    assert (subject.environment, subject.stack, subject.artefact) == ("prod", "annuity", waivers.ARTEFACT)
    assert len({item.fingerprint for item in found.about_waivers}) == 3


def test_no_waiver_covers_a_faulty_waiver(tmp_path: Path) -> None:
    expired = {**GOOD, "id": "W-2", "expires": TODAY}
    cover = {**GOOD, "control": waivers.CONTROL, "address": f"{waivers.FILE}#W-2"}
    found = applied(tmp_path, [], cover, expired)
    assert {item.verdict for item in found.about_waivers} == {FAILED}


def test_what_belongs_to_no_tenant_can_be_waived(tmp_path: Path) -> None:
    nobody = {**GOOD, "tenant": "", "environment": "", "address": "Jenkinsfile"}
    found = applied(tmp_path, [judgement(FAILED, "Jenkinsfile", place="")], nobody)
    assert [item.verdict for item in found.judgements] == [Verdict.WAIVED]


def test_brackets_in_an_address_are_text(tmp_path: Path) -> None:
    address = 'module.lake["a"].aws_s3_bucket.this[0]'
    found = applied(tmp_path, [judgement(FAILED, address)], {**GOOD, "address": address})
    assert [item.verdict for item in found.judgements] == [Verdict.WAIVED]


def test_our_own_waivers_load() -> None:
    path = Path(__file__).parents[3] / waivers.FILE
    found = waivers.load_waivers(path, REGISTER, TODAY, tenants=(), environments=())
    assert found.faults == {}


def test_no_waivers_are_fine(tmp_path: Path) -> None:
    assert loaded(tmp_path).declared == ()
