"""Findings of a run against those of an earlier one: new, old, and fixed since.

What this run did not judge is not fixed. A finding whose words changed (a number of days, say) while control and
subject stayed is still the old one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from policies.report.findings import NOBODY, OPEN, open_findings, place
from policies.report.verdicts import RecordedRun
from policies.result import GateResult
from policies.verdict import Judgement, Verdict


@dataclass(frozen=True)
class Comparison:
    """Open findings, sorted by what became of them.

    Attributes:
        new, old: of this run, in the order of reports.
        fixed: of the earlier run; passed now, or what they were about is gone.
        not_judged: of the earlier run, and not judged by this one.
    """

    new: tuple[Judgement, ...]
    old: tuple[Judgement, ...]
    fixed: tuple[Judgement, ...]
    not_judged: tuple[Judgement, ...]


def compare(result: GateResult, earlier: RecordedRun) -> Comparison:
    """Return what is new, old and fixed since `earlier`."""
    before = [item for item in earlier.judged() if item.verdict in OPEN]
    now = open_findings(result)
    same = {item.fingerprint for item in before} & {item.fingerprint for item in now}
    reworded = Counter(_key(item) for item in before if item.fingerprint not in same)
    new: list[Judgement] = []
    old: list[Judgement] = []
    for item in now:
        is_old = item.fingerprint in same
        if not is_old and reworded[_key(item)]:
            reworded[_key(item)] -= 1
            is_old = True
        (old if is_old else new).append(item)
    gone = _unmatched(before, same, reworded)
    waived = {_key(item) for item in result.judgements if item.verdict is Verdict.WAIVED}
    gone = [item for item in gone if _key(item) not in waived]
    judged = [_was_judged(item, result) for item in gone]
    fixed = [item for item, was_judged in zip(gone, judged, strict=True) if was_judged]
    not_judged = [item for item, was_judged in zip(gone, judged, strict=True) if not was_judged]
    return Comparison(tuple(new), tuple(old), tuple(fixed), tuple(not_judged))


def _unmatched(before: Iterable[Judgement], same: set[str], left: Counter[Hashable]) -> list[Judgement]:
    """Return the earlier findings that no finding of now continues; `left` counts them by key."""
    found = []
    left = Counter(left)
    for item in before:
        if item.fingerprint not in same and left[_key(item)]:
            left[_key(item)] -= 1
            found.append(item)
    return found


def _key(judgement: Judgement) -> Hashable:
    subject = judgement.subject
    where = (subject.environment, subject.stack, subject.artefact, subject.address)
    return (judgement.control, judgement.check, *where)


def _was_judged(judgement: Judgement, result: GateResult) -> bool:
    """Tell whether this run would have found `judgement` again: its control and its stack were judged."""
    where = judgement.subject
    if judgement.control not in result.register:
        return False
    if where.environment and where.stack:
        return place(where) in result.stacks
    if where.environment:
        return where.environment in result.environments
    if where.stack:
        return any(stack.endswith(f"/{where.stack}") for stack in result.stacks)
    return any(place(item.subject) == NOBODY for item in result.judgements)
