"""What is no whole plan of this very stack is unreadable, each way on its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from policies.check import Undecided
from policies.errors import ArtefactUnreadable
from policies.plan import read_plan
from tests.policies.plan import recorded

KEY = "module.key.aws_kms_key.this"
Edit = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 0.6, 0.999])
def test_truncated(share: float) -> None:
    text = recorded.text().rstrip()
    with pytest.raises(ArtefactUnreadable, match="is no complete plan"):
        read_plan(text[: int(len(text) * share)], recorded.CONTEXT)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"format_version": "1.0", "values": {"root_module": {}}}',  # a state
        b'{"Resources": {}}',  # CloudFormation
        b'{"format_version": "1.2", "planned_values": []}',
        b'\xff\xfe{"format_version": "1.2"}',
        b"[" * 100_000,
    ],
)
def test_no_plan_at_all(text: bytes) -> None:
    with pytest.raises(ArtefactUnreadable, match="is no complete plan") as caught:
        read_plan(text, recorded.CONTEXT)
    assert caught.value.exit_code == 4


def _set(key: str, value: Any) -> Edit:
    return lambda plan: plan.__setitem__(key, value)


def _without_change(plan: dict[str, Any]) -> None:
    plan["resource_changes"] = [item for item in plan["resource_changes"] if item["address"] != KEY]


def _without_planned(plan: dict[str, Any]) -> None:
    root = plan["planned_values"]["root_module"]
    root["resources"] = [item for item in root["resources"] if item["address"] != "aws_kms_key.other"]


def _twice(plan: dict[str, Any]) -> None:
    root = plan["planned_values"]["root_module"]
    root["resources"].append(root["resources"][0])


def _changed_twice(plan: dict[str, Any]) -> None:
    plan["resource_changes"].append(plan["resource_changes"][0])


def _as_another_type(plan: dict[str, Any]) -> None:
    next(item for item in plan["resource_changes"] if item["address"] == KEY)["type"] = "aws_new_thing"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (_set("format_version", "2.0"), "has plan format '2.0'"),
        (_set("format_version", "0.1"), "has plan format '0.1'"),
        (_set("errored", True), "the run that made it failed"),
        (_set("complete", False), "plans only a part"),
        (_set("deferred_changes", [{"reason": "instance_count_unknown"}]), "plans only a part"),
        (_changed_twice, "changes twice"),
        (_as_another_type, f"{KEY} is planned as one type and changes as another"),
        (_without_change, f"{KEY} is planned, but not among the changes"),
        (_without_planned, "aws_kms_key.other changes, but is not among the planned values"),
        (_twice, "is planned twice"),
        (_set("resource_changes", []), "is planned, but not among the changes"),
        (lambda plan: plan["variables"].update(account_id={"value": "111111111111"}), "is a foreign plan"),
        (lambda plan: plan["variables"].update(name={"value": "meridian-prod-claims"}), "is a foreign plan"),
    ],
)
def test_foreign_or_contradictory(edit: Edit, message: str) -> None:
    plan = recorded.document()
    edit(plan)
    with pytest.raises(ArtefactUnreadable, match=message) as caught:
        recorded.read(plan)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("actions", [["delete"], ["forget"]])
def test_what_goes_away_is_not_planned(actions: list[str]) -> None:
    plan = recorded.document()
    _without_planned(plan)
    recorded.change(plan, "aws_kms_key.other")["change"]["actions"] = actions
    assert "aws_kms_key.other" not in recorded.read(plan).resources


def test_a_deposed_object_does_not_stand_for_its_resource() -> None:
    plan = recorded.document()
    deposed = {**recorded.change(plan, KEY), "deposed": "12ab34cd"}
    deposed["change"] = {"actions": ["delete"], "after_unknown": {}}
    plan["resource_changes"].append(deposed)
    assert recorded.read(plan).resources[KEY].get("arn").endswith(KEY)


def test_values_and_unknowns_that_do_not_fit_are_undecided() -> None:
    plan = recorded.document()
    recorded.change(plan, KEY)["change"]["after_unknown"] = {"description": {"text": True}}
    with pytest.raises(Undecided, match="contradicts itself at description"):
        recorded.read(plan).resources[KEY].get("enable_key_rotation")


def test_digest_and_variables() -> None:
    plan = recorded.read()
    assert plan.variables["name"] == "meridian-prod-annuity"
    assert len(plan.sha256) == 64
    assert plan.sha256 != read_plan(recorded.text() + b" ", recorded.CONTEXT).sha256


def test_a_plan_without_a_context_is_read_and_leaves_what_needs_one_undecided() -> None:
    plan = read_plan(recorded.text())
    with pytest.raises(Undecided, match="sluice gate"):
        _ = plan.context


def test_data_sources_are_no_resources() -> None:
    plan = recorded.document()
    read = {"address": "data.aws_region.now", "mode": "data", "type": "aws_region", "name": "now"}
    plan["planned_values"]["root_module"]["resources"].append({**read, "values": {"name": "us-east-1"}})
    assert "data.aws_region.now" not in recorded.read(json.loads(json.dumps(plan))).resources
