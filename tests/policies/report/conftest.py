"""Reports compared byte for byte with what was accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policies.report.sample import Golden

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def golden(pytestconfig: pytest.Config) -> Golden:
    """Return a function that compares a text with the accepted file of that name, or accepts it."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if pytestconfig.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        assert path.is_file(), f"no accepted {name}: pytest tests/policies/report --update-golden, then read it"
        accepted = path.read_bytes().decode()
        assert text == accepted, "to accept it: pytest tests/policies/report --update-golden, then read the diff"

    return compare
