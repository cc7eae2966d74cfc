"""What a run said about one control, counted once: the rows of evidence are made of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from policies.report import csv_text
from policies.report.findings import digest_key, thing
from policies.result import GateResult
from policies.verdict import Judgement, Subject, Verdict

COLUMNS = (
    "control",
    "check",
    "environment",
    "stack",
    "artefact",
    "address",
    "verdict",
    "found",
    "waiver",
    "judged_sha256",
)


@dataclass
class Tally:
    """Verdicts on one control, or on several together.

    Attributes:
        subjects: what was judged, each thing once.
        lines: of subjects.csv, one a verdict.
    """

    counts: Counter[Verdict] = field(default_factory=Counter)
    subjects: set[Subject] = field(default_factory=set)
    waivers: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """SHA-256 over the lines, hexadecimal; empty when there is none."""
        return hashlib.sha256("".join(self.lines).encode()).hexdigest() if self.lines else ""

    def add(self, judgement: Judgement, line: str) -> None:
        self.counts[judgement.verdict] += 1
        self.subjects.add(thing(judgement.subject))
        self.lines.append(line)
        if judgement.waiver:
            self.waivers.add(judgement.waiver)


def together(tallies: Iterable[Tally]) -> Tally:
    """Return one tally of several controls, lines in their order."""
    whole = Tally()
    for tally in tallies:
        whole.counts += tally.counts
        whole.subjects |= tally.subjects
        whole.waivers |= tally.waivers
        whole.lines += tally.lines
    return whole


def by_control(result: GateResult) -> dict[str, Tally]:
    """Return `{control: tally}` of every control in the register."""
    tallies = {control.id: Tally() for control in result.register}
    for judgement in result.judgements:
        tallies[judgement.control].add(judgement, csv_text.lines([_row(judgement, result)]))
    return tallies


def _row(judgement: Judgement, result: GateResult) -> tuple[str, ...]:
    subject = judgement.subject
    return (
        judgement.control,
        judgement.check,
        subject.environment,
        subject.stack,
        subject.artefact,
        subject.address,
        judgement.verdict.value,
        judgement.found,
        judgement.waiver,
        result.digests.get(digest_key(subject), ""),
    )
