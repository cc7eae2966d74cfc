"""A waivers.yaml that cannot be relied on ends the run without a verdict."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from policies.errors import RegisterBroken
from policies.waivers import FIELDS, load_waivers
from tests.policies.waivers.declared import GOOD, REGISTER, TODAY, loaded


def load_text(folder: Path, text: str) -> None:
    path = folder / "waivers.yaml"
    path.write_text(text, encoding="utf-8")
    load_waivers(path, REGISTER, TODAY, tenants=("annuity",), environments=("prod",))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "waivers",
        "[]",
        "waivers: {}",
        "waivers:",
        "waivers: []\nmore: 1",
        "waivers: []\nwaivers: []",
        "waivers: [",
        "waivers: [text]",
        "waivers: [[]]",
        "--- {waivers: []}\n--- {waivers: []}",
        "waivers: !!python/object:builtins.object {}",
        "waivers:\n  - {id: W-1, id: W-2}",
    ],
)
def test_a_file_of_another_form(tmp_path: Path, text: str) -> None:
    with pytest.raises(RegisterBroken) as caught:
        load_text(tmp_path, text)
    assert caught.value.exit_code == 4


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(RegisterBroken, match="cannot be read"):
        load_waivers(tmp_path / "waivers.yaml", REGISTER, TODAY, tenants=(), environments=())


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "waivers.yaml").write_bytes(b"waivers: []\n# \xff\xfe")
    with pytest.raises(RegisterBroken, match="cannot be read"):
        load_waivers(tmp_path / "waivers.yaml", REGISTER, TODAY, tenants=(), environments=())


@pytest.mark.parametrize("field", FIELDS)
def test_a_missing_field(tmp_path: Path, field: str) -> None:
    with pytest.raises(RegisterBroken, match=f"lacks {field}"):
        loaded(tmp_path, {key: value for key, value in GOOD.items() if key != field})


def test_an_unknown_field(tmp_path: Path) -> None:
    with pytest.raises(RegisterBroken, match="unknown field 'forever'"):
        loaded(tmp_path, {**GOOD, "forever": "yes"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("created", "2026-11-01"),
        ("expires", None),
        ("expires", datetime(2027, 1, 1, 12)),
        ("expires", 20270101),
        ("tenant", ["annuity"]),
        ("tenant", None),
        ("address", None),
        ("reason", True),
        ("ticket", 1042),
        ("id", date(2026, 11, 1)),
    ],
)
def test_a_field_of_another_type(tmp_path: Path, field: str, value: Any) -> None:
    with pytest.raises(RegisterBroken, match=f"{field} is .*, not a"):
        loaded(tmp_path, {**GOOD, field: value})


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(RegisterBroken, match="3 mistakes"):
        loaded(tmp_path, {**GOOD, "more": "x", "id": 3}, {**GOOD, "ticket": 1})
