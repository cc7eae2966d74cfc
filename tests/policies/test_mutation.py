"""Mutants: each key of a check's first passing case deleted in turn, each boolean flipped.

A mutant that the check still passes is a survivor. Survivors are named with a reason in the case file; a name that
survives no longer, or a survivor without a name, fails. The closing line says the kill rate.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import pytest

from policies.check import ArtefactCheck
from policies.verdict import Verdict
from tests.policies import case_files as cases

KEYS = sorted(cases.check_modules())
FRAME = ("context", "found", "address", "path", "type", "variables")
"""Parts of a case that say where it stands, not what is judged."""


def mutants(content: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (path, mutated content) for each key and each boolean below the judged part of a case."""
    judged = {key: value for key, value in content.items() if key not in FRAME}
    for path, value in _leaves(judged, ()):
        if len(path) == 1 or (path[0] == "plan" and path[-1] in ("type", "values") and len(path) == 3):
            continue
        if path == ("plan", content.get("address")):  # the judged one stays
            continue
        yield ".".join(map(str, path)), _without(content, path)
        if isinstance(value, bool):
            yield ".".join(map(str, path)) + "=flipped", _with(content, path, not value)


def _leaves(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    items = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key), item
        yield from _leaves(item, (*path, key))


def _parent(content: Mapping[str, Any], path: tuple[str | int, ...]) -> tuple[dict[str, Any], Any]:
    mutant = copy.deepcopy(dict(content))
    node: Any = mutant
    for key in path[:-1]:
        node = node[key]
    return mutant, node


def _without(content: Mapping[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
    mutant, node = _parent(content, path)
    del node[path[-1]]
    return mutant


def _with(content: Mapping[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    mutant, node = _parent(content, path)
    node[path[-1]] = value
    return mutant


@cache
def survivors_of(key: str) -> tuple[list[str], int]:
    """Return the paths whose mutant the check still passes, and how many mutants there were."""
    file = cases.load(key)
    if not file.of("passing"):
        return [], 0  # nothing passes a check of what must not exist
    case = file.of("passing")[0]
    if isinstance(file.check, ArtefactCheck) and "document" not in case.content:
        return [], 0  # code and SQL have hostile cases of their own
    alive, count = [], 0
    for path, content in mutants(case.content):
        count += 1
        verdict, _ = cases.judge(file.check, replace(case, content=content))
        if verdict in (Verdict.PASSED, Verdict.NOT_APPLICABLE):
            alive.append(path)
    return alive, count


def unnamed_of(key: str) -> list[str]:
    """Return the survivors for which the case file gives no reason."""
    named = cases.load(key).survivors
    return [path for path in survivors_of(key)[0] if not any(fnmatchcase(path, pattern) for pattern in named)]


@pytest.mark.parametrize("key", KEYS)
def test_mutants_that_matter_are_killed(key: str) -> None:
    named = cases.load(key).survivors
    alive, _ = survivors_of(key)
    assert unnamed_of(key) == [], f"{key}: these may be deleted or flipped unnoticed"
    idle = [pattern for pattern in named if not any(fnmatchcase(path, pattern) for path in alive)]
    assert idle == [], f"{key}: named as survivors, but killed"


def test_kill_rate(capsys: pytest.CaptureFixture[str]) -> None:
    total = sum(survivors_of(key)[1] for key in KEYS)
    missed = sum(len(unnamed_of(key)) for key in KEYS)
    excused = sum(len(survivors_of(key)[0]) for key in KEYS) - missed
    matter = total - excused
    with capsys.disabled():
        print(
            f"\nmutants: {total}, of which {excused} change nothing that their control asks for (listed with reasons); "
            f"{matter - missed} of {matter} others killed, {1 - missed / matter:.1%}"
        )
    assert total >= 500
    assert missed <= matter * 0.01
