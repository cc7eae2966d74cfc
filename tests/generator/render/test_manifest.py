"""A manifest says what a stack's files were made from, and changes with nothing else."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

import pytest

from generator.render.manifest import Origin, manifest_text, recorded_outputs, sha256
from tests.generator import samples


def origin() -> Origin:
    return Origin.of_tenant(samples.tenant(), samples.environment(), {"dag/dag.py.j2": "1" * 64})


def test_inputs_are_named_one_by_one() -> None:
    assert set(origin().inputs) == {
        *("code", "environment", "spec", "reports/open_claims"),
        *(f"contracts/{name}" for name in samples.tenant().contracts),
    }


@pytest.mark.parametrize(
    ("changed", "inputs"),
    [
        (Origin.of_tenant(samples.tenant(description="Other."), samples.environment(), {}), {"spec"}),
        (Origin.of_tenant(samples.tenant(), samples.environment(alerts_email="a@b.c"), {}), {"environment"}),
    ],
)
def test_an_input_changes_its_own_hash_only(changed: Origin, inputs: set[str]) -> None:
    before = origin().inputs
    assert {name for name, digest in changed.inputs.items() if digest != before[name]} == inputs


def test_outputs_are_hashed_and_read_back() -> None:
    text = manifest_text(origin(), {"dag/x.py": "a\n", "b.json": "{}"})
    assert json.loads(text)["templates"] == {"dag/dag.py.j2": "1" * 64}
    assert recorded_outputs(text) == {PurePosixPath("dag/x.py"): sha256("a\n"), PurePosixPath("b.json"): sha256("{}")}


@pytest.mark.parametrize("text", ["", "<<<<<<< ours", "[]", "{}", '{"outputs": []}', '{"outputs": 1}'])
def test_a_broken_manifest_vouches_for_nothing(text: str) -> None:
    assert recorded_outputs(text) == {}
