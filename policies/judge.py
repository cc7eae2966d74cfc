"""Run checks on what they judge and turn whatever happens into a verdict. Nothing that goes wrong in here passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from policies.artefacts.base import Artefact
from policies.check import NotApplicable, PlanRule, Undecided, Warn
from policies.plan import Plan
from policies.registry import PLAN, Check, Checks
from policies.verdict import Judgement, Subject, Verdict

Problem = str | tuple[str, int]
"""What a check found, and in which line where it knows one."""
Locate = Callable[[str], tuple[str, int]]
"""Gives the file from the repository's root, and the line, in which a resource is written; ("", 0) when not known."""
UNLOCATED = frozenset({Verdict.PASSED, Verdict.NOT_APPLICABLE})


def nowhere(address: str) -> tuple[str, int]:
    """Locate nothing."""
    del address
    return "", 0


def judge_plan(plan: Plan, checks: Checks, locate: Locate = nowhere) -> Iterator[Judgement]:
    """Judge every resource of a plan, and the plan as a whole.

    Only what did not pass is located: reading the modules' code costs more than judging them.
    """
    where = plan.context
    for resource in plan.resources.values():
        found = checks.of_resources.get(resource.type)
        if found is None:
            continue
        subject = Subject(where.environment, where.stack, PLAN, resource.address)
        for check in found:
            more = (plan,) if isinstance(check, PlanRule) else ()
            for judgement in judged(check, subject, check.judge, resource, *more):
                yield judgement if judgement.verdict in UNLOCATED else located(judgement, locate)
    whole = Subject(where.environment, where.stack, PLAN, PLAN)
    for rule in checks.of_plans:
        if type(rule).judge_plan is not PlanRule.judge_plan:
            yield from judged(rule, whole, rule.judge_plan, plan)


def judge_artefacts(artefacts: Iterable[Artefact], checks: Checks) -> Iterator[Judgement]:
    """Judge each artefact by the checks of its kind."""
    for artefact in artefacts:
        where = artefact.context
        for check in checks.of_artefacts.get(artefact.kind, ()):
            subject = Subject(where.environment, where.stack, artefact.kind, artefact.path, artefact.path)
            yield from judged(check, subject, check.judge, artefact)


def judged(
    check: Check, subject: Subject, judge: Callable[..., Iterable[Problem]], *things: Any
) -> Iterator[Judgement]:
    """Yield the verdicts of one check on one subject: one, or one for each line that it complains about."""
    problems: list[Problem] = []
    undecided = ""
    try:
        for problem in judge(*things):
            problems.append(_checked(problem))
    except NotApplicable as reason:
        if not problems:
            yield Judgement(check.control, check.check_id, subject, Verdict.NOT_APPLICABLE, str(reason))
            return
        undecided = f"{check.check_id} found something and then said that it does not apply: {reason}"
    except Undecided as reason:
        undecided = str(reason)
    except Exception as error:  # noqa: BLE001 -- a check that breaks has not passed anything
        undecided = f"{check.check_id} broke: {type(error).__name__}: {error}"
    if undecided:
        yield Judgement(check.control, check.check_id, subject, Verdict.NO_VERDICT, undecided)
    yield from _verdicts(check, subject, problems, is_whole=not undecided)


def _checked(problem: Problem) -> Problem:
    text = problem[0] if isinstance(problem, tuple) and len(problem) == 2 else problem
    if not isinstance(text, str) or not text.strip():
        raise TypeError(f"it yielded {problem!r}, which says nothing")
    return problem


def _verdicts(check: Check, subject: Subject, problems: list[Problem], is_whole: bool) -> Iterator[Judgement]:
    by_line: dict[int, list[str]] = {}
    warnings: list[str] = []
    for problem in problems:
        text, line = problem if isinstance(problem, tuple) else (problem, 0)
        if isinstance(text, Warn):
            warnings.append(text)
        else:
            by_line.setdefault(line, []).append(text)
    for line, texts in by_line.items():
        at = subject if not line else Subject(*_place(subject), subject.path, line)
        yield Judgement(check.control, check.check_id, at, Verdict.FAILED, "; ".join(dict.fromkeys(texts)))
    if not by_line and is_whole:
        yield Judgement(
            check.control, check.check_id, subject, Verdict.PASSED, "; ".join(warnings), is_warning=bool(warnings)
        )


def _place(subject: Subject) -> tuple[str, str, str, str]:
    return subject.environment, subject.stack, subject.artefact, subject.address


def located(judgement: Judgement, locate: Locate) -> Judgement:
    """Return a judgement whose subject says where it is written."""
    subject = Subject(*_place(judgement.subject), *locate(judgement.subject.address))
    return Judgement(
        judgement.control, judgement.check, subject, judgement.verdict, judgement.found, is_warning=judgement.is_warning
    )
