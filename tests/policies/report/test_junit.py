"""What Jenkins reads: well-formed whatever is in it, and one case for each control on each thing."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as Xml

import pytest

from policies.report import junit
from policies.verdict import Verdict
from tests.policies.report import sample
from tests.policies.report.sample import Golden


def parsed(text: str) -> Xml.Element:
    return Xml.fromstring(text.encode())  # noqa: S314 -- our own


def test_report(golden: Golden) -> None:
    golden("junit.xml", junit.render(sample.run()))


def test_counts_are_those_of_the_cases() -> None:
    root = parsed(junit.render(sample.run()))
    for suite in root:
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
    totals = {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")}
    assert totals == {"tests": "9", "failures": "4", "errors": "1", "skipped": "2"}


def test_several_checks_of_a_control_are_one_case_with_the_worst_verdict() -> None:
    passed = sample.planned("CSO_EMR_10", "prod/annuity", "aws_emr_cluster.a", Verdict.PASSED)
    failed = replace(passed, check="CSO_EMR_10_JOB_FLOW", verdict=Verdict.FAILED, found="old")
    undecided = replace(passed, check="CSO_EMR_10_JOB_FLOW", verdict=Verdict.NO_VERDICT, found="unknown")
    for items, element in (([passed, failed], "failure"), ([undecided, failed], "error"), ([passed], None)):
        (case,) = parsed(junit.render(sample.run(items))).findall("testsuite/testcase")
        assert [child.tag for child in case] == ([element] if element else [])


def test_two_findings_on_one_subject_are_both_told() -> None:
    first = sample.planned("CSO_KMS_01", "prod/annuity", "aws_kms_key.a", Verdict.FAILED, "first")
    (case,) = parsed(junit.render(sample.run([first, replace(first, found="second")]))).findall("testsuite/testcase")
    text = case.findtext("failure") or ""
    assert "first" in text
    assert "second" in text


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.NO_VERDICT, Verdict.NOT_APPLICABLE])
def test_hostile_text_breaks_nothing(verdict: Verdict) -> None:
    root = parsed(junit.render(sample.hostile(verdict)))
    cases = root.findall("testsuite/testcase")
    assert len(cases) == 2
    assert all("<script>alert(1)</script>" in (case.get("name") or "") for case in cases)
    assert all("\\x00" in (case.get("name") or "") for case in cases)
