"""What of a run a person must act on, in one order for every report: gravest first, and where it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from policies.controls import SEVERITIES, Register
from policies.result import GateResult
from policies.verdict import Judgement, Subject, Verdict

OPEN = (Verdict.NO_VERDICT, Verdict.FAILED)
"""Verdicts that stop a change, the worse first."""

PLAN = "plan"
NOBODY = "repository"
"""Where a finding stands that belongs to no tenant: a Jenkinsfile, say."""


def open_findings(result: GateResult) -> list[Judgement]:
    """Return what failed or has no verdict, gravest first."""
    return in_order((item for item in result.judgements if item.verdict in OPEN), result.register)


def in_order(judgements: Iterable[Judgement], register: Register) -> list[Judgement]:
    """Return judgements by severity, control, no verdict before failed, then by place."""

    def key(judgement: Judgement) -> tuple[int, str, int, str, str, str, str, str]:
        subject = judgement.subject
        return (
            SEVERITIES.index(register[judgement.control].severity),
            judgement.control,
            OPEN.index(judgement.verdict) if judgement.verdict in OPEN else len(OPEN),
            subject.environment,
            subject.stack,
            subject.address,
            judgement.check,
            judgement.found,
        )

    return sorted(judgements, key=key)


def thing(subject: Subject) -> Subject:
    """Return the subject without the line that a check points at: one thing however many lines are wrong in it."""
    return replace(subject, path="", line=0) if subject.path or subject.line else subject


def place(subject: Subject) -> str:
    """Return `prod/annuity`, or as much of it as the subject has."""
    return "/".join(part for part in (subject.environment, subject.stack) if part) or NOBODY


def source(subject: Subject) -> str:
    """Return `path:line` of the file that a person edits; empty when unknown or no more than the address."""
    if not subject.path or (subject.path == subject.address and not subject.line):
        return ""
    return f"{subject.path}:{subject.line}" if subject.line else subject.path


def file_of(subject: Subject) -> str:
    """Return the file to show a finding in: where it is mended, else the file judged, else the stack's main.tf."""
    if subject.path:
        return subject.path
    if subject.artefact != PLAN:
        return subject.address.partition("#")[0]
    return f"environments/{subject.environment}/rendered/{subject.stack}/terraform/main.tf"


def digest_key(subject: Subject) -> str:
    """Return under which name the digest of what was judged stands in `GateResult.digests`."""
    if subject.artefact == PLAN:
        return f"plan {subject.environment}/{subject.stack}"
    return subject.address.partition("#")[0]
