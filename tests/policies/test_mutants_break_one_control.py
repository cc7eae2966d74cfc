"""A mutant that a check stops is stopped by its control alone, but for what several controls read.

Judged are the other checks of the same resource type or artefact that pass what the mutant was made from; mutants of
whole plans have no such neighbours, and code and SQL are not mutated by key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest
import yaml

from policies.check import ArtefactCheck, ResourceCheck
from policies.verdict import Verdict
from tests.policies import case_files as cases
from tests.policies.test_mutation import KEYS, mutants

SHARED: dict[str, str] = yaml.safe_load(Path(__file__).with_name("shared_mutants.yaml").read_text())
STOPPED = (Verdict.FAILED, Verdict.NO_VERDICT)


def others(check: cases.Check, case: cases.Case) -> Iterator[cases.Check]:
    """Yield the checks of other controls that judge the same kind of thing, and pass this one."""
    for other in cases.check_modules().values():
        is_alike = (
            isinstance(check, ArtefactCheck) and isinstance(other, ArtefactCheck) and check.artefact == other.artefact
        ) or (isinstance(check, ResourceCheck) and isinstance(other, ResourceCheck) and case.type in other.types)
        if is_alike and other.control != check.control and cases.judge(other, case)[0] is Verdict.PASSED:
            yield other


@cache
def stopped_by(key: str) -> dict[str, frozenset[str]]:
    """Return {path of a mutant that the check stops: the other controls that stop it, too}."""
    file = cases.load(key)
    case = next(iter(file.of("passing")), None)
    is_one_thing = isinstance(file.check, ResourceCheck) or (case is not None and "document" in case.content)
    if case is None or not is_one_thing:
        return {}
    rivals, found = list(others(file.check, case)), {}
    for path, content in mutants(case.content):
        mutant = replace(case, content=content)
        if cases.judge(file.check, mutant)[0] in STOPPED:
            found[path] = frozenset(each.control for each in rivals if cases.judge(each, mutant)[0] in STOPPED)
    return found


@pytest.mark.parametrize("key", KEYS)
def test_what_one_control_asks_for_no_other_stops(key: str) -> None:
    surprising = {
        path: sorted(controls)
        for path, controls in stopped_by(key).items()
        if controls and not any(fnmatchcase(f"{key}:{path}", pattern) for pattern in SHARED)
    }
    assert surprising == {}


def test_every_reason_is_needed_and_most_mutants_need_none(capsys: pytest.CaptureFixture[str]) -> None:
    shared = [f"{key}:{path}" for key in KEYS for path, controls in stopped_by(key).items() if controls]
    idle = [pattern for pattern in SHARED if not any(fnmatchcase(name, pattern) for name in shared)]
    assert idle == []
    total = sum(len(stopped_by(key)) for key in KEYS)
    with capsys.disabled():
        print(f"\nmutants of one resource or document: {total - len(shared)} of {total} stopped by one control alone")
    assert total - len(shared) > 400
