"""One control explained at a terminal, with what the last run said about it; and all of them in a list."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from policies.controls import Control, Register
from policies.report.check_facts import CheckFacts
from policies.report.findings import place, source
from policies.report.printable import printable
from policies.report.terminal import COLOURS, Paint, plain
from policies.report.verdicts import RecordedRun
from policies.verdict import Judgement, Verdict

WIDTH = 110
INNER = "    "
TYPES = 10
ONE_LINE = 1000
"""Columns of what is no terminal: each row of the list stays one line, for other programs."""
NARROWEST = 24
"""Columns that a requirement gets in the list, however narrow the terminal is."""
SHOWN = 50
"""Findings shown of the last run; the others are counted."""
NO_RUN = "no run of the gate is recorded here: sluice gate records one"


def canonical(name: str) -> str:
    """Return a control's id from the ways people write it: `EMR-03`, `emr_3`, `cso-emr-03`."""
    words = re.sub(r"_(\d)$", r"_0\1", name.strip().upper().replace("-", "_"))
    return words if words.startswith("CSO_") else f"CSO_{words}"


def explain(
    control: Control,
    checks: Sequence[CheckFacts],
    run: RecordedRun | None,
    paint: Paint = plain,
    width: int = WIDTH,
) -> str:
    """Return everything about one control.

    Args:
        checks: of the control, in the register's order.
        run: the last run; None when there is none.
        width: columns of the terminal; no more than WIDTH are used.
    """
    width = min(width, WIDTH)
    about = {
        "requires:": control.requirement,
        "why:": control.rationale,
        "fix:": control.remediation,
        "clauses:": ", ".join(control.clauses),
        "owner:": control.owner,
    }
    lines = [
        f"{paint(control.id, 'bright_white')}  {control.severity}",
        *(line for label, text in about.items() for line in _wrapped(label, text, "  ", width)),
        "",
        *_checks(control, checks, width),
        "",
        *(_verdicts(control, run, paint) if run else [NO_RUN]),
    ]
    return "\n".join(lines) + "\n"


def listing(register: Register, run: RecordedRun | None, width: int = ONE_LINE) -> str:
    """Return id, severity, the last run's verdicts and requirement of each control; in one line if `width` allows."""
    counts: dict[str, Counter[Verdict]] = {control.id: Counter() for control in register}
    for item in run.judged() if run else ():
        counts.setdefault(item.control, Counter())[item.verdict] += 1
    rows = [
        (item.id, item.severity, _state(item, counts[item.id], run is not None), printable(item.requirement))
        for item in register
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [line for row in rows for line in _row(row, widths, width)]
    last = f"verdicts of {run.today}" if run else NO_RUN
    return "\n".join([*lines, "", f"{len(register)} controls; {last}"]) + "\n"


def _row(row: Sequence[str], widths: Sequence[int], width: int) -> list[str]:
    """Return a row of the list; its last cell goes on below itself where it is too long."""
    *first, last = row
    head = "".join(f"{cell:<{size}}  " for cell, size in zip(first, widths, strict=False))
    pieces = textwrap.wrap(last, max(width - len(head), NARROWEST), break_on_hyphens=False)
    return [f"{' ' * len(head) if number else head}{piece}" for number, piece in enumerate(pieces)]


def _state(control: Control, counts: Counter[Verdict], was_run: bool) -> str:
    if not control.checks:
        return "not automated"
    return _counted(counts) if was_run else "-"


def _counted(counts: Counter[Verdict]) -> str:
    return ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict if counts[verdict]) or "not judged"


def _wrapped(label: str, text: str, indent: str, width: int) -> Iterator[str]:
    first = f"{indent}{label:<9} "
    yield from textwrap.wrap(printable(text), width, initial_indent=first, subsequent_indent=" " * len(first))


def _checks(control: Control, checks: Sequence[CheckFacts], width: int) -> Iterator[str]:
    if not checks:
        yield "not automated"
        yield from _wrapped("because:", control.not_automated, "  ", width)
        return
    yield "checks"
    for check in checks:
        title = f"{check.check_id}  {check.title}"
        yield from textwrap.wrap(title, width, initial_indent="  ", subsequent_indent=INNER)
        about = {
            "in:": ", ".join((check.artefact, *_some(check.types))),
            "and in:": ", ".join(("cloudformation", *_some(check.template_types))) if check.template_types else "",
            "asks:": check.requirement,
            "unknown:": check.unknown,
            "cases:": check.cases_path,
        }
        for label, text in about.items():
            yield from _wrapped(label, text, INNER, width) if text else ()


def _some(types: Sequence[str]) -> list[str]:
    return [*types[:TYPES], *([f"and {len(types) - TYPES} other types"] if len(types) > TYPES else [])]


def _verdicts(control: Control, run: RecordedRun, paint: Paint) -> Iterator[str]:
    judged = [item for item in run.judged() if item.control == control.id]
    yield f"last run, {run.today}, {', '.join(run.environments)}: {_counted(Counter(item.verdict for item in judged))}"
    if idle := [check for check in control.checks if judged and check not in {item.check for item in judged}]:
        yield f"  it had nothing to judge for {', '.join(idle)}: no plans, or nothing of the kind"
    told = [item for item in judged if item.verdict in (*COLOURS, Verdict.WAIVED) or item.is_warning]
    for item in sorted(told, key=_order)[:SHOWN]:
        yield from _verdict(item, paint)
    if len(told) > SHOWN:
        yield f"  and {len(told) - SHOWN} more"
    yield from _quiet(judged)


def _verdict(judgement: Judgement, paint: Paint) -> Iterator[str]:
    word = "WARNING" if judgement.is_warning else judgement.verdict.value.upper()
    colour = COLOURS.get(judgement.verdict, "yellow")
    subject = judgement.subject
    yield f"  {paint(word, colour)}  {printable(f'{place(subject)}  {subject.address}')}"
    if where := source(subject):
        yield f"    at:       {printable(where)}"
    yield f"    found:    {printable(judgement.found)}"
    if judgement.waiver:
        yield f"    waiver:   {printable(judgement.waiver)}"


def _quiet(judged: Iterable[Judgement]) -> Iterator[str]:
    """Yield where the control passed or did not apply, one line a stack."""
    by_stack: dict[str, Counter[Verdict]] = {}
    for item in judged:
        if item.verdict in (Verdict.PASSED, Verdict.NOT_APPLICABLE):
            by_stack.setdefault(place(item.subject), Counter())[item.verdict] += 1
    for name in sorted(by_stack)[:SHOWN]:
        yield f"  {printable(name)}: {_counted(by_stack[name])}"
    if len(by_stack) > SHOWN:
        yield f"  and {len(by_stack) - SHOWN} more stacks"


def _order(judgement: Judgement) -> tuple[int, str, str]:
    rank = [Verdict.NO_VERDICT, Verdict.FAILED, Verdict.WAIVED, Verdict.PASSED].index(judgement.verdict)
    return rank, place(judgement.subject), judgement.subject.address
