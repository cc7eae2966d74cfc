"""The report for code scanning, SARIF 2.1.0: one rule a control, one result a finding, each with its address.

What has no verdict is a result of the kind "open", for which the standard allows no level (3.27.10); a notification of
the level "error" and `executionSuccessful: false` say the same to readers that show only levels.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from policies.controls import Control
from policies.report.findings import OPEN, PLAN, file_of, in_order
from policies.report.printable import printable
from policies.result import GateResult
from policies.verdict import Judgement, Subject, Verdict
from policies.waivers import Waiver

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
"""Middle of the ranges in which GitHub's code scanning reads `security-severity` as these words."""


def render(result: GateResult, tools: Mapping[str, str]) -> str:
    """Return the log as JSON.

    Args:
        tools: `{tool: version}` of what judged.
    """
    shown = (*OPEN, Verdict.WAIVED)
    judgements = in_order((item for item in result.judgements if item.verdict in shown), result.register)
    rules = list(result.register)
    index = {control.id: position for position, control in enumerate(rules)}
    waivers = {waiver.id: waiver for waiver in result.waivers}
    run = {
        "tool": {"driver": _driver(rules), "extensions": [_extension(*item) for item in sorted(tools.items())]},
        "automationDetails": {"id": f"sluice-gate/{'+'.join(result.environments) or 'repository'}/"},
        "originalUriBaseIds": {ROOT: {"description": {"text": "The repository's root."}}},
        "invocations": [_invocation(result)],
        "columnKind": "unicodeCodePoints",
        "results": [_result(item, rules[index[item.control]], index[item.control], waivers) for item in judgements],
        "properties": {
            "today": result.today.isoformat(),
            "stacks": list(result.stacks),
            "verdicts": {verdict.value: result.counts[verdict] for verdict in Verdict},
            "notes": [printable(note) for note in result.notes],
        },
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _driver(rules: Iterable[Control]) -> dict[str, Any]:
    return {"name": "sluice gate", "rules": [_rule(control) for control in rules]}


def _extension(name: str, version: str) -> dict[str, str]:
    return {"name": name, "version": version}


def _rule(control: Control) -> dict[str, Any]:
    return {
        "id": control.id,
        "shortDescription": message(control.requirement),
        "fullDescription": message(control.rationale),
        "help": message(f"{control.remediation}\n\nAsked for by: {', '.join(control.clauses)}"),
        "defaultConfiguration": {"level": LEVELS[control.severity]},
        "properties": {
            "security-severity": SCORES[control.severity],
            "severity": control.severity,
            "owner": control.owner,
            "precision": "very-high",
            "tags": ["security", *control.clauses],
        },
    }


def _result(judgement: Judgement, control: Control, index: int, waivers: Mapping[str, Waiver]) -> dict[str, Any]:
    is_open = judgement.verdict is Verdict.NO_VERDICT
    text = f"{judgement.subject.address}: {'no verdict: ' if is_open else ''}{judgement.found}"
    found: dict[str, Any] = {
        "ruleId": control.id,
        "ruleIndex": index,
        "kind": "open" if is_open else "fail",
        "level": "none" if is_open else LEVELS[control.severity],
        "message": message(printable(text)),
        "locations": [_location(judgement)],
        "partialFingerprints": {"sluiceFinding/v1": judgement.fingerprint},
        "properties": {
            "check": judgement.check,
            "environment": judgement.subject.environment,
            "stack": judgement.subject.stack,
            "artefact": judgement.subject.artefact,
        },
    }
    if related := _judged_file(judgement.subject):
        found["relatedLocations"] = [related]
    if judgement.verdict is Verdict.WAIVED:
        found["suppressions"] = [_suppression(waivers[judgement.waiver])]
    return found


def _location(judgement: Judgement) -> dict[str, Any]:
    subject = judgement.subject
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(printable(file_of(subject))), "uriBaseId": ROOT},
            "region": {"startLine": subject.line or 1},  # code scanning takes no location without a line
        },
        "logicalLocations": [
            {
                "fullyQualifiedName": printable(subject.address),
                "kind": "resource" if subject.artefact == PLAN else subject.artefact,
            }
        ],
    }


def _judged_file(subject: Subject) -> dict[str, Any] | None:
    """Return the rendered file that was judged, where it is another than the one to edit."""
    path = subject.address.partition("#")[0]
    if subject.artefact == PLAN or subject.path in ("", path):
        return None
    return {
        "physicalLocation": {"artifactLocation": {"uri": quote(printable(path)), "uriBaseId": ROOT}},
        "message": message("what was judged, rendered from there"),
    }


def _suppression(waiver: Waiver) -> dict[str, Any]:
    justification = (
        f"waiver {waiver.id}, {waiver.ticket}, approved by {waiver.approver}, expires {waiver.expires}: {waiver.reason}"
    )
    return {"kind": "external", "status": "accepted", "justification": printable(justification)}


def _invocation(result: GateResult) -> dict[str, Any]:
    undecided = [item for item in result.judgements if item.verdict is Verdict.NO_VERDICT]
    notifications = [
        {
            "level": "error",
            "message": message(printable(f"{item.control} has no verdict on {item.subject.address}: {item.found}")),
            "associatedRule": {"id": item.control},
            "locations": [_location(item)],
        }
        for item in in_order(undecided, result.register)
    ]
    return {
        "executionSuccessful": result.exit_code != 4,
        "exitCode": result.exit_code,
        "toolExecutionNotifications": notifications,
    }


def message(text: str) -> dict[str, str]:
    """Return a SARIF message; brackets that would make a link are escaped as 3.11.6 says."""
    if "](" in text:
        text = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return {"text": text}
