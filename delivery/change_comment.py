"""The comment under a change: what it destroys first, then everything else, cut to what the forge takes.

Whatever comes from the change itself (addresses, names, messages) stands in code spans that it cannot leave, or is
escaped by the gate's report; only words of our own are markdown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from delivery.change_report import HOLDS, NOT_PROVED, ChangeReport, Isolation, as_data
from delivery.errors import DeliveryError
from delivery.plan_markdown import Summaries, destructive_lines, environment_lines, environments_of, left_out
from policies.report import markdown
from policies.report.markup import code, prose

LENGTHS = (100, 25, 5, 1, 0)
"""Items shown of each list: the largest number with which the comment stays within the forge's limit."""
ALWAYS = 20
"""Stacks to decommission, or not planned, that are named however little room there is."""
COMPARED = "Templates are compared by reading: what holds data and is written otherwise counts as replaced."
FOLD = re.compile(r"^<details><summary>(?P<title>.*)</summary>$")


class Told(NamedTuple):
    """What each tool would do; None where it was not asked."""

    terraform: Summaries | None
    cloudformation: Summaries | None


class CommentTooLong(DeliveryError):
    """Not even the shortest form fits."""

    exit_code = 2


def render(report: ChangeReport, limit: int, *, has_html: bool = True) -> str:
    """Return the comment, at most `limit` characters long.

    Lists are cut and say how much they leave out. What destroys data is never left out: where its lines do not fit,
    they are counted by stack and type, then by environment and type.

    Raises:
        CommentTooLong: the limit is too small for anything.
    """
    told = Told(
        terraform=None if report.plans is None else as_data(report.plans),
        cloudformation=None if report.cloudformation is None else as_data(report.cloudformation),
    )
    tools = [summaries for summaries in told if summaries]  # stacks of both tools may have the same names
    forms = [
        [line for summaries in tools for line in destructive_lines(summaries)],
        _counted_destruction(tools, lambda stack: stack),
        _counted_destruction(tools, lambda stack: stack.partition("/")[0]),
    ]
    for destruction in forms:
        for listed in LENGTHS:
            lines = list(_lines(report, told, destruction, listed))
            text = "\n".join(lines if has_html else _unfolded(lines)) + "\n"
            if len(text) <= limit:
                return text
    raise CommentTooLong(
        f"the comment has {len(text):,} characters in its shortest form", expected=f"at most {limit:,}"
    )


def _lines(report: ChangeReport, told: Told, destruction: Sequence[str], listed: int) -> Iterator[str]:
    stops = report.stops
    yield f"## Sluice: {'no go' if stops else 'go'}"
    yield ""
    yield from [f"- {reason}" for reason in stops] or ["Planned, judged, and nothing stops it."]
    unproved = [name for name, proof in (report.isolation or {}).items() if proof.verdict == NOT_PROVED]
    if unproved:
        yield from ("", f"Isolation is not proved here for {', '.join(code(name) for name in sorted(unproved))}.")
    if destruction:
        yield from ("", "### Destroys data", "", *destruction)
    if report.failed:
        yield from ("", "### Could not be planned", "")
        yield from _capped([f"- {code(text)}" for text in report.failed.values()], listed, "stack", "stacks")
    if report.decommission:
        yield from (
            "",
            "### To decommission",
            "",
            "Nothing renders these any more; `sluice decommission` removes them.",
            "",
        )
        yield from _capped([f"- {code(stack)}" for stack in report.decommission], listed, "stack", "stacks")
    yield from _changes(told.terraform, "Terraform", "Nothing was planned.", listed)
    if told.cloudformation:
        yield from _changes(told.cloudformation, "CloudFormation", "", listed)
        if any(item["read_only"] for item in told.cloudformation.values()):
            yield from ("", COMPARED)
    yield from ("", "### Isolation", "", *_isolation(report.isolation, listed), "")
    if report.gate is None:
        yield from ("## Gate: not reached", "", "The gate has not judged this change.")
    else:
        yield markdown.render(*report.gate, lengths=(listed,)).rstrip("\n")


def _changes(summaries: Summaries | None, tool: str, absent: str, listed: int) -> Iterator[str]:
    if not summaries:
        yield from ("", f"### {tool}", "", absent if summaries is None else "No stack is touched.")
        return
    for environment in environments_of(summaries):
        yield from ("", f"### {tool}: {code(environment)}", "", *environment_lines(summaries, environment, listed))


def _isolation(proofs: Mapping[str, Isolation] | None, listed: int) -> Iterator[str]:
    if proofs is None:
        yield "Not looked at."
    for environment, proof in sorted((proofs or {}).items()):
        yield f"- {code(environment)}: {'no tenant reaches another' if proof.verdict == HOLDS else proof.verdict}"
        if proof.verdict != HOLDS:
            lines = [f"  - {code(line)}" for line in proof.text.splitlines() if line.strip()]
            yield from lines[:listed]
            yield from (f"  {line}" for line in left_out(len(lines) - listed, "line", "lines"))


def _capped(lines: Sequence[str], listed: int, one: str, many: str) -> Iterator[str]:
    most = max(listed, ALWAYS)
    yield from lines[:most]
    yield from left_out(len(lines) - most, one, many)


def _counted_destruction(tools: Sequence[Summaries], place: Callable[[str], str]) -> list[str]:
    counts = Counter(
        (place(stack), item["action"], item["type"])
        for summaries in tools
        for stack, summary in summaries.items()
        for item in summary["destructive"]
    )
    return [
        f"- **{prose(action)}** {count:,} {code(kind)} in {code(where)}"
        for (where, action, kind), count in sorted(counts.items())
    ]


def _unfolded(lines: Sequence[str]) -> Iterator[str]:
    """Yield lines for a forge that shows HTML as text: what was folded stands open under its title."""
    for line in "\n".join(lines).split("\n"):
        match = FOLD.match(line)
        if match:
            yield f"**{match['title']}**"
        elif line != "</details>":
            yield line
