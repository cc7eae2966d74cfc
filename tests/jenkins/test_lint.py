"""The lint of declarative pipelines: ours are clean, and each fault is found on its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.jenkins.jenkins import ROOT, Harness

FAULTS: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("faults.yaml").read_text())


@pytest.fixture(scope="module")
def found(harness: Harness, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """`{fault: its problems}`, all files linted in one process."""
    folder = tmp_path_factory.mktemp("faults")
    paths = []
    for number, fault in enumerate(FAULTS.values()):
        paths.append(folder / str(number))
        paths[-1].write_text(fault["text"])
    return dict(zip(FAULTS, harness.lint(*paths), strict=True))


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_on_its_line(found: dict[str, list[str]], fault: str) -> None:
    problems, expected = found[fault], FAULTS[fault]["problems"]
    assert len(problems) == len(expected), problems
    assert all(problem.startswith(start) for problem, start in zip(problems, expected, strict=True)), problems


def test_ours_are_clean(harness: Harness) -> None:
    ours = [ROOT / "Jenkinsfile", *sorted((ROOT / "ci").glob("*Jenkinsfile"))]
    assert harness.lint(*ours) == [[] for _ in ours]
    assert len(ours) == 3
