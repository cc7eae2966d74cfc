"""A register that is incomplete or ambiguous is broken, each way on its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from policies.controls import load_register
from policies.errors import RegisterBroken, UnknownControl
from tests.policies.engine.conftest import control, write_register


def test_a_whole_register(tmp_path: Path) -> None:
    register = load_register(write_register(tmp_path / "controls.yaml", control("CSO_KMS_01"), control("CSO_S3_01")))
    assert [item.id for item in register] == ["CSO_KMS_01", "CSO_S3_01"]
    assert register["CSO_KMS_01"].checks == ("CSO_KMS_01",)
    assert register["CSO_S3_01"].line > register["CSO_KMS_01"].line


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"requirement": "TODO"}, "requirement is still TODO"),
        ({"rationale": ""}, "rationale is '', not a text"),
        ({"rationale": None}, "rationale is None, not a text"),
        ({"severity": "grave"}, "severity is 'grave', not one of critical, high, medium, low"),
        ({"owner": "security"}, "owner is 'security', not a mail address"),
        ({"clauses": "FSBP KMS.4; CIS"}, "not a list of texts"),
        ({"clauses": []}, "clauses is empty"),
        ({"clauses": ["FSBP KMS.4", "FSBP KMS.4"]}, "clauses names something twice"),
        ({"checks": []}, "needs checks, or a not_automated"),
        ({"not_automated": "by hand"}, "needs checks, or a not_automated"),
        ({"artefacts": []}, "has checks but names no artefacts"),
        ({"id": "KMS-01"}, "id is not of the form CSO_AREA_01"),
        ({"waived": True}, "has the unknown key 'waived'"),
    ],
)
def test_a_field_that_says_nothing(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = write_register(tmp_path / "controls.yaml", {**control("CSO_KMS_01"), **changes})
    with pytest.raises(RegisterBroken, match=message) as caught:
        load_register(path)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("key", list(control("CSO_KMS_01")))
def test_a_missing_field(tmp_path: Path, key: str) -> None:
    entry = control("CSO_KMS_01")
    del entry[key]
    with pytest.raises(RegisterBroken, match=f"lacks {key}"):
        load_register(write_register(tmp_path / "controls.yaml", entry))


def test_an_id_that_stands_twice(tmp_path: Path) -> None:
    path = write_register(tmp_path / "controls.yaml", control("CSO_KMS_01"), control("CSO_KMS_01"))
    with pytest.raises(RegisterBroken, match="CSO_KMS_01 stands twice, first on line 2"):
        load_register(path)


def test_a_key_that_stands_twice(tmp_path: Path) -> None:
    path = write_register(tmp_path / "controls.yaml", control("CSO_KMS_01"))
    path.write_text(path.read_text() + "  severity: low\n")
    with pytest.raises(RegisterBroken, match="the key 'severity' stands twice"):
        load_register(path)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "controls: []", "controls: {}", "controls:\n- a", "a: 1", "controls: [\n", "a: !!python/name:os.x"],
)
def test_no_register_at_all(tmp_path: Path, text: str) -> None:
    path = tmp_path / "controls.yaml"
    path.write_text(text)
    with pytest.raises(RegisterBroken):
        load_register(path)


def test_a_missing_register(tmp_path: Path) -> None:
    with pytest.raises(RegisterBroken, match="cannot be read"):
        load_register(tmp_path / "controls.yaml")


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    entries = [control("CSO_KMS_01", severity="grave"), control("CSO_KMS_02", owner="nobody")]
    with pytest.raises(RegisterBroken, match="2 mistakes"):
        load_register(write_register(tmp_path / "controls.yaml", *entries))


def test_an_unknown_control_comes_with_the_nearest(tmp_path: Path) -> None:
    register = load_register(write_register(tmp_path / "controls.yaml", control("CSO_KMS_01"), control("CSO_S3_01")))
    with pytest.raises(UnknownControl, match="did you mean CSO_KMS_01") as caught:
        register["CSO-KMS-1"]
    assert caught.value.exit_code == 4
