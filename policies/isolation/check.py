"""The proof as verdicts of CSO_ISO_01: one for each breach, and one for each stack that has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policies.context import PLATFORM
from policies.errors import ArtefactUnreadable
from policies.isolation.findings import Breach, Proof
from policies.isolation.model import Problem
from policies.isolation.proof import prove
from policies.plan import Plan
from policies.verdict import Judgement, Subject, Verdict

CONTROL = "CSO_ISO_01"
WHOLE = "plan"
"""Address of a stack as a whole."""


def judge(plans: Sequence[Plan], problems: Sequence[Problem] = ()) -> Iterator[Judgement]:
    """Judge all plans of one environment together: the platform's and every tenant's.

    Args:
        problems: what could not be read of the stacks beside their plans.

    Yields:
        FAILED for each breach, at the principal it begins with; NO_VERDICT for what could not be decided, and for every
        stack that nothing else was said about as long as something is undecided; else PASSED.
    """
    environment = plans[0].context.environment
    stacks = [plan.context.stack for plan in plans]
    try:
        proof = prove(plans, problems)
    except ArtefactUnreadable as error:
        yield from (_whole(environment, stack, Verdict.NO_VERDICT, error.what) for stack in stacks)
        return
    yield from _of(proof, stacks)


def _of(proof: Proof, stacks: Sequence[str]) -> Iterator[Judgement]:
    said = set()
    for breach in proof.breaches:
        said.add(breach.tenant)
        yield _failed(proof.environment, breach)
    for item in proof.undecided:
        stack = item.stack if item.stack in stacks else PLATFORM
        said.add(stack)
        subject = Subject(proof.environment, stack, WHOLE, item.address)
        why = item.why if stack == item.stack else f"{item.stack}: {item.why}".removeprefix(": ")
        yield Judgement(CONTROL, CONTROL, subject, Verdict.NO_VERDICT, why)
    for stack in stacks:
        if stack not in said and proof.undecided:
            first = proof.undecided[0]
            why = f"isolation is undecided as long as {first.stack}: {first.address} is: {first.why}"
            yield _whole(proof.environment, stack, Verdict.NO_VERDICT, why)
        elif stack not in said:
            yield _whole(proof.environment, stack, Verdict.PASSED, "")


def _failed(environment: str, breach: Breach) -> Judgement:
    subject = Subject(environment, breach.tenant, WHOLE, breach.address)
    found = f"{breach}; by way of: {' | '.join(breach.chain)}"
    return Judgement(CONTROL, CONTROL, subject, Verdict.FAILED, found)


def _whole(environment: str, stack: str, verdict: Verdict, found: str) -> Judgement:
    return Judgement(CONTROL, CONTROL, Subject(environment, stack, WHOLE, WHOLE), verdict, found)
