"""Every kind of mistake in a spec, with the whole message that people see.

`cases/bad/<case>.yaml` stands for one file of the project; `<case>.txt` is what is said about it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.spec import load_project
from tests.generator.project import CASES, errors_of, make_project, put_case

BAD = sorted((CASES / "bad").glob("*.yaml"))
GOOD = sorted((CASES / "good").glob("*.yaml"))


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.stem)
def test_mistake_is_told_in_full(case: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    put_case(make_project(tmp_path), case)
    said = f"{errors_of(tmp_path)}\n"
    accepted = case.with_suffix(".txt")
    if request.config.getoption("--update-golden"):
        accepted.write_text(said, "utf-8")
    assert accepted.is_file(), "no accepted message: pytest tests/generator --update-golden, then read it"
    assert said == accepted.read_text("utf-8"), "to accept it: pytest tests/generator --update-golden"


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.stem)
def test_good_case_loads(case: Path, tmp_path: Path) -> None:
    put_case(make_project(tmp_path), case)
    assert load_project(tmp_path).tenants.keys() == {"claims"}


def test_every_message_has_its_case() -> None:
    assert {path.stem for path in (CASES / "bad").glob("*.txt")} == {case.stem for case in BAD}
