"""The report for a pull request: per environment what is new, what is fixed and what was there before.

Addresses and messages come from whoever opened the pull request. They stand in code spans, in which no markdown, no
HTML and no @mention lives; the register's prose is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from policies.report.baseline import Comparison
from policies.report.findings import NOBODY, open_findings, source
from policies.report.markup import code, documentation
from policies.result import GateResult
from policies.verdict import Judgement, Verdict

MOST_CHARACTERS = 60_000
"""Forges refuse comments of more than 65,536 characters."""
LISTED = (100, 25, 5, 0)
"""Items shown of each list: the largest number with which the comment stays within its limit."""
FOLDED = 10
"""Lists with more items than this are folded away."""
OUTCOMES = {0: "go", 1: "no go, findings", 4: "no go, the gate could not reach every verdict"}


def render(result: GateResult, compared: Comparison | None = None, lengths: Sequence[int] = LISTED) -> str:
    """Return the whole comment, at most MOST_CHARACTERS long.

    Args:
        compared: this run against the one before the pull request; without it no finding is called new.
        lengths: items shown of each list; the first is taken with which the comment stays within its limit.
    """
    for listed in lengths:
        text = "\n".join(_Comment(result, compared, listed).lines()) + "\n"
        if len(text) <= MOST_CHARACTERS:
            break
    return text


@dataclass(frozen=True)
class _Comment:
    result: GateResult
    compared: Comparison | None
    listed: int

    def lines(self) -> Iterator[str]:
        result, groups = self.result, self._groups()
        yield f"## Gate: {OUTCOMES[result.exit_code]}"
        yield ""
        yield f"Judged on {result.today}: {len(result.stacks)} stacks, {len(result.register)} controls."
        if self.compared is None:
            yield "There is no earlier run to compare with."
        yield ""
        yield from self._table(groups)
        for environment in self._environments(groups):
            here = {label: [item for item in group if _is_in(item, environment)] for label, group in groups.items()}
            if any(here.values()):
                yield from ("", f"### {code(environment or NOBODY)}")
            for label, findings in here.items():
                yield from self._list(label, findings)
        yield from self._waivers()
        yield from self._warnings()
        if result.notes:
            yield from ("", "### Not judged", "", *self._capped(f"- {code(note)}" for note in result.notes))

    def _groups(self) -> Mapping[str, Sequence[Judgement]]:
        if self.compared is None:
            return {"open": open_findings(self.result)}
        groups = {"new": self.compared.new, "old": self.compared.old, "fixed": self.compared.fixed}
        return {**groups, "not judged now": self.compared.not_judged} if self.compared.not_judged else groups

    def _environments(self, groups: Mapping[str, Sequence[Judgement]]) -> list[str]:
        """Return those asked for, and those in which something else was judged or found, what belongs to none last."""
        judged = (*groups.values(), self.result.judgements)
        found = {item.subject.environment for judgements in judged for item in judgements}
        return [*self.result.environments, *sorted(found - set(self.result.environments))]

    def _table(self, groups: Mapping[str, Sequence[Judgement]]) -> Iterator[str]:
        labels = [*groups, *(verdict.value for verdict in Verdict)]
        yield f"| environment | {' | '.join(labels)} |"
        yield f"| --- |{' ---: |' * len(labels)}"
        for environment in self._environments(groups):
            numbers = [sum(_is_in(item, environment) for item in found) for found in groups.values()]
            verdicts = [item.verdict for item in self.result.judgements if _is_in(item, environment)]
            numbers += [verdicts.count(verdict) for verdict in Verdict]
            name = code(environment or NOBODY).replace("|", "\N{BROKEN BAR}")  # a bar ends a cell even in a code span
            yield f"| {name} | {' | '.join(map(str, numbers))} |"

    def _list(self, label: str, findings: Sequence[Judgement]) -> Iterator[str]:
        if not findings:
            return
        title = f"{label.capitalize()} ({len(findings)})"
        is_folded = label == "old" or (label != "new" and len(findings) > FOLDED)
        yield from ("", f"<details><summary>{title}</summary>" if is_folded else f"**{title}**", "")
        for control, judgements in groupby(findings[: self.listed], key=lambda item: item.control):
            yield from self._control(control, judgements, is_open=label in ("new", "open", "old"))
        yield from self._rest(len(findings))
        if is_folded:
            yield from ("", "</details>")

    def _control(self, id: str, findings: Iterable[Judgement], is_open: bool) -> Iterator[str]:
        control = self.result.register.controls.get(id)  # an earlier run may have judged others
        yield f"- **{id}** {control.severity}: {documentation(control.requirement)}" if control else f"- **{id}**"
        for finding in findings:
            yield f"  - {_words(finding, is_open)}"
        if control and is_open:
            yield f"  - fix: {documentation(control.remediation)}"

    def _waivers(self) -> Iterator[str]:
        if not self.result.waivers:
            return
        yield from ("", "### Waivers in force", "")
        lines = []
        for waiver in sorted(self.result.waivers, key=lambda item: (item.expires, item.id)):
            place = "/".join(part for part in (waiver.environment, waiver.tenant) if part)
            left = f"{waiver.days_left(self.result.today)} days left"
            lines.append(
                f"- {code(waiver.id)} {waiver.control} {code(place)} {code(waiver.address)}: {left}; "
                f"{code(waiver.ticket)} {code(waiver.reason)}, by {code(waiver.approver)}"
            )
        yield from self._capped(lines)

    def _warnings(self) -> Iterator[str]:
        warnings = [item for item in self.result.judgements if item.is_warning]
        if warnings:
            yield from ("", "### Warnings", "")
            yield from self._capped(f"- **{item.control}** {_words(item, True)}" for item in warnings)

    def _capped(self, lines: Iterable[str]) -> Iterator[str]:
        every = list(lines)
        yield from every[: self.listed]
        yield from self._rest(len(every))

    def _rest(self, number: int) -> Iterator[str]:
        if number > self.listed:
            yield f"- and {number - self.listed} more in the gate's JSON report"


def _is_in(judgement: Judgement, environment: str) -> bool:
    return judgement.subject.environment == environment


def _words(finding: Judgement, is_open: bool) -> str:
    """Return where a finding is, and while it is open what was found."""
    subject = finding.subject
    where = " ".join(code(text) for text in (subject.stack, subject.address) if text)
    if not is_open:
        return where
    at = source(subject)
    verdict = "**no verdict**: " if finding.verdict is Verdict.NO_VERDICT else ""
    return f"{where}{f' at {code(at)}' if at else ''}: {verdict}{code(finding.found)}"
