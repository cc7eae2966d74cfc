"""Summaries of plans as markdown, the destructive changes of all stacks first.

Addresses come from whoever opened the pull request: they stand in code spans, which they cannot leave.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from policies.report.markup import code, prose

Summaries = Mapping[str, Mapping[str, Any]]
"""{<environment>/<stack>: what summary.json says about it}."""


def destructive_lines(summaries: Summaries) -> list[str]:
    """Return one list item for each change that destroys data, of all stacks."""
    return [
        f"- **{prose(item['action'])}** {code(item['address'])} in {code(stack)}"
        for stack, summary in sorted(summaries.items())
        for item in summary["destructive"]
    ]


def environments_of(summaries: Collection[str]) -> list[str]:
    return sorted({stack.partition("/")[0] for stack in summaries})


def counted(summary: Mapping[str, Any]) -> str:
    """Return a plan's changes in one line."""
    if summary["empty"]:
        return "no changes"
    counts = ", ".join(f"{count} to {prose(action)}" for action, count in sorted(summary["counts"].items()))
    return counts or "outputs change"


def environment_lines(summaries: Summaries, environment: str, listed: int) -> Iterator[str]:
    """Yield what would change in one environment: a line a stack that changes, below it its changes.

    Args:
        listed: most changes shown of each stack, and most stacks shown.
    """
    own = {stack: item for stack, item in sorted(summaries.items()) if stack.partition("/")[0] == environment}
    changing = {stack: item for stack, item in own.items() if not item["empty"]}
    for stack, summary in list(changing.items())[: max(listed, 1)]:
        yield f"- {code(stack)}: {counted(summary)}"
        yield from _changes(summary, listed)
    yield from left_out(len(changing) - max(listed, 1), "stack that changes", "stacks that change")
    still = len(own) - len(changing)
    if still:
        yield f"- {still} {'stack' if still == 1 else 'stacks'} without a change"


def _changes(summary: Mapping[str, Any], listed: int) -> Iterator[str]:
    rest = [item for item in summary["changes"] if item not in summary["destructive"]]
    for item in rest[:listed]:
        yield f"  - {prose(item['action'])} {code(item['address'])}"
    yield from (f"  {line}" for line in left_out(len(rest) - listed, "change", "changes"))


def left_out(count: int, one: str, many: str) -> Iterator[str]:
    """Yield how much a list leaves out, where it leaves out anything."""
    if count > 0:
        yield f"- and {count:,} more {one if count == 1 else many}"


def summary_markdown(
    summaries: Summaries, decommission: Sequence[str] = (), failed: Mapping[str, str] | None = None
) -> str:
    """Return summary.md: everything, nothing left out."""
    lines = ["# Plans", ""]
    destroyed = destructive_lines(summaries)
    if destroyed:
        lines += ["## Destroys data", "", *destroyed, ""]
    if failed:
        lines += ["## Not planned", "", *(f"- {code(text)}" for text in failed.values()), ""]
    if decommission:
        lines += ["## To decommission", "", *(f"- {code(stack)}" for stack in decommission), ""]
    everything = 1 + sum(len(item["changes"]) for item in summaries.values()) + len(summaries)
    for environment in environments_of(summaries):
        lines += [f"## {code(environment)}", "", *environment_lines(summaries, environment, everything), ""]
    return "\n".join(lines)
