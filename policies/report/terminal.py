"""The report for a person at a terminal: findings by tenant and control, then what else must be known, totals last."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from policies.report.findings import NOBODY, OPEN, in_order, open_findings, place, source
from policies.report.printable import printable
from policies.result import GateResult
from policies.verdict import Judgement, Verdict

Paint = Callable[[str, str], str]
"""Gives a text a colour by name, as `click.style` does."""

COLOURS = {Verdict.FAILED: "red", Verdict.NO_VERDICT: "magenta"}
WIDTH = 80
"""Columns that a list of controls fills; all else is one line a fact, however long."""
SHOWN = 20
"""Findings shown of one control in one tenant; the others are counted. Every one stands in the JSON report."""


def plain(text: str, colour: str) -> str:
    """Paint nothing."""
    del colour
    return text


def render(result: GateResult, paint: Paint = plain) -> str:
    """Return the whole report, ending in a line break."""
    sections = (_findings(result, paint), _warnings(result, paint), _waivers(result), _not_judged(result))
    parts = ["\n".join(lines) for lines in map(list, sections) if lines]
    return "\n\n".join([*parts, "\n".join(_totals(result, paint))]) + "\n"


def _findings(result: GateResult, paint: Paint) -> Iterator[str]:
    by_tenant = sorted(open_findings(result), key=lambda item: item.subject.stack)  # stable: severity stays within
    for number, (tenant, group) in enumerate(groupby(by_tenant, key=lambda item: item.subject.stack)):
        findings = list(group)
        if number:
            yield ""
        yield paint(f"{printable(tenant) or NOBODY}: {_count(len(findings), 'finding')}", "bright_white")
        for control, judgements in groupby(findings, key=lambda item: item.control):
            yield from _control(result, control, list(judgements), paint)


def _control(result: GateResult, control: str, judgements: list[Judgement], paint: Paint) -> Iterator[str]:
    entry = result.register[control]
    for alike in _alike(judgements[:SHOWN]):
        yield from _finding(alike, paint)
    if len(judgements) > SHOWN:
        yield f"    and {len(judgements) - SHOWN} more of {control} here"
    clauses = ", ".join((*entry.clauses, f"severity {entry.severity}"))
    yield f"    requires: {printable(entry.requirement)}  ({printable(clauses)})"
    yield f"    fix:      {printable(entry.remediation)}"
    if all(judgement.verdict is Verdict.NO_VERDICT for judgement in judgements):
        yield "    note:     what has no verdict cannot be waived"


def _alike(judgements: Sequence[Judgement]) -> list[list[Judgement]]:
    """Return the judgements, those together that found the same in the same line: one block, many instances."""
    found: dict[tuple[Verdict, str, str], list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        found[judgement.verdict, source(judgement.subject), judgement.found].append(judgement)
    return list(found.values())


def _finding(alike: Sequence[Judgement], paint: Paint) -> Iterator[str]:
    judgement = alike[0]
    verdict = paint(judgement.verdict.value.upper(), COLOURS[judgement.verdict])
    for item in alike:
        yield f"  {item.control} {verdict}  {printable(place(item.subject))}  {printable(item.subject.address)}"
    if where := source(judgement.subject):
        yield f"    at:       {printable(where)}"
    label = "found:   " if judgement.verdict is Verdict.FAILED else "why:     "
    yield f"    {label} {printable(judgement.found)}"


def _warnings(result: GateResult, paint: Paint) -> Iterator[str]:
    warnings = in_order((item for item in result.judgements if item.is_warning), result.register)
    if warnings:
        yield paint("warnings: passed today, but not for long", "yellow")
    for item in warnings:
        where = printable(f"{place(item.subject)}  {item.subject.address}")
        yield f"  {item.control}  {where}: {printable(item.found)}"


def _waivers(result: GateResult) -> Iterator[str]:
    if result.waivers:
        yield "waivers in force"
    for waiver in sorted(result.waivers, key=lambda item: (item.expires, item.id)):
        left = f"{_count(waiver.days_left(result.today), 'day')} left, expires {waiver.expires}"
        covered = sum(item.waiver == waiver.id for item in result.judgements)
        where = "/".join(part for part in (waiver.environment, waiver.tenant) if part)
        yield f"  {printable(waiver.id)}  {waiver.control}  {printable(where)}  {printable(waiver.address)}"
        yield f"    {left}; {_count(covered, 'verdict')} waived; {printable(waiver.ticket)}"
        yield f"    {printable(waiver.reason)}; owner {printable(waiver.owner)}, by {printable(waiver.approver)}"


def _not_judged(result: GateResult) -> Iterator[str]:
    lines = [f"  {printable(note)}" for note in result.notes]
    judged = {item.control for item in result.judgements}
    undecided = sorted({item.control for item in result.judgements if item.verdict is Verdict.NO_VERDICT})
    idle = [control.id for control in result.register if control.checks and control.id not in judged]
    lines += _list("without a verdict somewhere", undecided)
    lines += _list("nothing here that they speak about", idle)
    lines += _list("not automated", [control.id for control in result.register if control.not_automated])
    if lines:
        yield "not judged"
    yield from lines


def _list(label: str, controls: list[str]) -> list[str]:
    text = f"{label} ({len(controls)}): {', '.join(controls)}" if controls else ""
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")


def _totals(result: GateResult, paint: Paint) -> Iterator[str]:
    judged = len({item.control for item in result.judgements})
    yield (
        f"gate of {result.today}: {', '.join(result.environments) or 'no environment'}, "
        f"{_count(len(result.stacks), 'stack')}, {judged} of {_count(len(result.register), 'control')} judged"
    )
    counts = [f"{result.counts[verdict]} {verdict.value}" for verdict in Verdict]
    warnings = sum(item.is_warning for item in result.judgements)
    yield f"  {', '.join(counts)}; {_count(warnings, 'warning')}"
    yield f"  {_outcome(result, paint)}"


def _outcome(result: GateResult, paint: Paint) -> str:
    if not result.judgements:
        return paint("exit 4: nothing was judged, which is no pass", COLOURS[OPEN[0]])
    texts = {
        0: ("exit 0: go", "green"),
        1: ("exit 1: no go; mend the findings, or have a waiver approved in policies/waivers.yaml", "red"),
        4: ("exit 4: no go, the gate could not reach every verdict", "magenta"),
    }
    return paint(*texts[result.exit_code])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
