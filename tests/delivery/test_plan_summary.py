"""What a plan would do, as people review it."""

from __future__ import annotations

from typing import Any

import pytest

from delivery.plan_digest import PlanUnreadable
from delivery.plan_markdown import summary_markdown
from delivery.plan_summary import summarise

FLEET = "aws_emr_instance_fleet"


def change(address: str, *actions: str, type_: str = "aws_ssm_parameter", **more: Any) -> dict[str, Any]:
    parts = {"before": {}, "after": {}, **more}
    return {"address": address, "mode": "managed", "type": type_, "change": {"actions": list(actions), **parts}}


def test_destructive_changes_of_stateful_resources_come_first() -> None:
    plan = {
        "resource_changes": [
            change("a", "create"),
            change("z", "delete", "create", type_="aws_kms_key"),
            change("b", "delete"),
            change("y", "delete", type_="aws_s3_bucket"),
            change("c", "no-op"),
            change("d", "read"),
        ]
    }
    summary = summarise("prod/annuity", plan, "digest")
    assert [(item.address, item.action) for item in summary.changes] == [
        ("y", "delete"),
        ("z", "replace"),
        ("a", "create"),
        ("b", "delete"),
    ]
    assert [item.address for item in summary.destructive] == ["y", "z"]
    assert summary.as_json()["counts"] == {"create": 1, "delete": 2, "replace": 1}


@pytest.mark.parametrize(
    ("item", "action"),
    [
        ({**change("a", "no-op"), "previous_address": "b"}, "move"),
        (change("a", "no-op", importing={"id": "x"}), "import"),
        (change("a", "forget"), "forget"),
        (change("a", "create", "delete"), "replace"),
    ],
)
def test_what_is_neither_made_nor_changed(item: dict[str, Any], action: str) -> None:
    summary = summarise("prod/annuity", {"resource_changes": [item]}, "digest")
    assert [found.action for found in summary.changes] == [action]
    assert not summary.is_empty


def test_an_action_that_nobody_knows_is_not_taken_for_harmless() -> None:
    with pytest.raises(PlanUnreadable, match="a: the plan does 'explode' to it"):
        summarise("prod/annuity", {"resource_changes": [change("a", "explode")]}, "digest")


def test_outputs_alone_still_need_an_apply() -> None:
    plan = {"resource_changes": [], "output_changes": {"o": {"actions": ["update"]}}}
    assert not summarise("prod/annuity", plan, "digest").is_empty
    plan["output_changes"] = {"o": {"actions": ["no-op"]}}
    assert summarise("prod/annuity", plan, "digest").is_empty


def scaled(planned: dict[str, Any], drift: dict[str, Any], *actions: str) -> dict[str, Any]:
    return {
        "resource_changes": [change("fleet", *(actions or ("update",)), type_=FLEET, **planned)],
        "resource_drift": [change("fleet", "update", type_=FLEET, **drift)],
    }


SIZE = "provisioned_spot_capacity"
GREW = {"before": {SIZE: 1, "name": "task"}, "after": {SIZE: 9, "name": "task"}}


def test_what_emr_scaled_by_itself_is_no_change() -> None:
    back = {"before": {SIZE: 9, "name": "task"}, "after": {SIZE: 1, "name": "task"}}
    summary = summarise("dev/platform", scaled(back, GREW), "digest")
    assert summary.is_empty
    assert summary.scaled == ("fleet",)
    assert "fleet" not in summary_markdown({"dev/platform": summary.as_json()})


def test_what_is_only_seen_scaled_is_no_change_either() -> None:
    plan = {**scaled({}, GREW), "resource_changes": [change("fleet", "no-op", type_=FLEET)]}
    summary = summarise("dev/platform", plan, "digest")
    assert summary.is_empty
    assert summary.scaled == ("fleet",)


@pytest.mark.parametrize(
    ("after", "actions"),
    [
        ({SIZE: 4, "name": "task"}, ("update",)),  # another size than before: somebody wants it
        ({SIZE: 1, "name": "other"}, ("update",)),  # and something else with it
        ({SIZE: 1, "name": "task"}, ("delete", "create")),  # the fleet would go
    ],
)
def test_what_somebody_wants_is_a_change_however_much_was_scaled(after: dict[str, Any], actions: tuple[str]) -> None:
    planned = {"before": {SIZE: 9, "name": "task"}, "after": after}
    summary = summarise("dev/platform", scaled(planned, GREW, *actions), "digest")
    assert [item.address for item in summary.changes] == ["fleet"]
