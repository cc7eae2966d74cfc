"""Every check on its cases: a passing, a failing, a missing-key, an unknown and an undecodable one."""

from __future__ import annotations

import pytest

from policies.verdict import Verdict
from tests.policies import case_files as cases

KEYS = sorted(cases.check_modules())

EXPECTED = {
    "passing": {Verdict.PASSED},
    "failing": {Verdict.FAILED},
    "absent": {Verdict.FAILED, Verdict.NO_VERDICT},
    "unknown": {Verdict.NO_VERDICT, Verdict.FAILED},
    "undecodable": {Verdict.NO_VERDICT},
    "not_applicable": {Verdict.NOT_APPLICABLE},
}


@pytest.mark.parametrize("key", KEYS)
def test_verdicts(key: str) -> None:
    file = cases.load(key)
    for case in file.cases:
        verdict, found = cases.judge(file.check, case)
        where = f"{file.path.name}: {case.section}/{case.name}: {found}"
        assert verdict in EXPECTED[case.section], where
        assert case.content.get("found", "") in " | ".join(found), where


@pytest.mark.parametrize("key", KEYS)
def test_each_kind_of_case_is_there(key: str) -> None:
    file = cases.load(key)
    for section in cases.SECTIONS:
        reason = file.does_not_occur.get(section, "")
        assert bool(file.of(section)) != bool(reason), (
            f"{file.path}: {section} needs cases, or a reason why none occurs"
        )


def test_every_case_file_has_its_check() -> None:
    files = {
        path.relative_to(cases.HERE / "cases").with_suffix("").as_posix() for path in cases.HERE.glob("cases/*/*.yaml")
    }
    assert files == set(KEYS)
