"""Findings of a run against those of an earlier one: new, old, and fixed since.

What this run did not judge is not fixed. A finding whose words changed (a number of days, say) while control and
subject stayed is still the old one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass

from policies.report.findings import NOBODY, OPEN, PLAN, digest_key, open_findings, place
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
    fixed, not_judged = _parted(gone, result)
    return Comparison(tuple(new), tuple(old), tuple(fixed), tuple(not_judged))


def _parted(gone: Iterable[Judgement], result: GateResult) -> tuple[list[Judgement], list[Judgement]]:
    """Return those that this run would have found again, and the others."""
    spoken = {(item.control, item.subject.environment) for item in result.judgements}
    fixed: list[Judgement] = []
    not_judged: list[Judgement] = []
    for item in gone:
        (fixed if _was_judged(item, result, spoken) else not_judged).append(item)
    return fixed, not_judged


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


def _was_judged(judgement: Judgement, result: GateResult, spoken: Collection[tuple[str, str]]) -> bool:
    """Tell whether this run would have found `judgement` again: its control judged what it was about.

    Args:
        spoken: `{(control, environment)}` of this run's verdicts. A control that takes the plans of all stacks may have
            none though this stack's plan was judged.
    """
    where = judgement.subject
    if judgement.control not in result.register:
        return False
    if where.artefact == PLAN:
        return digest_key(where) in result.digests and (judgement.control, where.environment) in spoken
    if where.environment and where.stack:
        return place(where) in result.stacks
    if where.environment:
        return where.environment in result.environments
    if where.stack:
        return any(stack.endswith(f"/{where.stack}") for stack in result.stacks)
    return any(place(item.subject) == NOBODY for item in result.judgements)
