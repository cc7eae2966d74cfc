"""Drift is told apart by how it came about, on a recorded plan of a tenant whose resources were changed by hand."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from delivery.drift import Difference, Kind, differences

PLAN = json.loads((Path(__file__).parent / "plans" / "changed_by_hand.json").read_text())
"""Production in the local cloud after a table was deleted, versioning suspended and a parameter overwritten."""


def test_what_hands_did_is_told_apart_from_what_aws_computes() -> None:
    assert differences(PLAN) == [
        Difference('module.catalog.aws_glue_catalog_table.this["payout"]', "aws_glue_catalog_table", Kind.DELETED),
        Difference(
            'module.lake.module.bucket["curated"].aws_s3_bucket_versioning.this',
            "aws_s3_bucket_versioning",
            Kind.CHANGED,
            ("versioning_configuration",),
        ),
        Difference(
            'module.tenant.aws_ssm_parameter.this["code_version"]', "aws_ssm_parameter", Kind.CHANGED, ("value",)
        ),
        Difference("module.lake.module.key.aws_kms_key.this", "aws_kms_key", Kind.UNMANAGED, ("tags",)),
        Difference(
            'module.tenant.aws_ssm_parameter.this["curated_bucket"]', "aws_ssm_parameter", Kind.UNMANAGED, ("tags",)
        ),
    ]


def test_a_change_that_nobody_made_by_hand_is_not_yet_deployed() -> None:
    plan = copy.deepcopy(PLAN)
    plan["resource_drift"] = []
    assert {item.kind for item in differences(plan)} == {Kind.NOT_DEPLOYED}


def test_a_hand_elsewhere_in_the_resource_does_not_hide_an_undeployed_change() -> None:
    plan = copy.deepcopy(PLAN)
    for item in plan["resource_drift"]:
        if item["type"] == "aws_ssm_parameter" and "code_version" in item["address"]:
            item["change"]["before"]["value"] = item["change"]["after"]["value"]
    assert {item.kind for item in differences(plan) if "code_version" in item.address} == {Kind.NOT_DEPLOYED}


def emr(change: dict[str, Any]) -> dict[str, Any]:
    fleet = {"address": "module.emr.aws_emr_instance_fleet.task", "mode": "managed", "type": "aws_emr_instance_fleet"}
    return {**fleet, "change": change}


def test_what_scales_by_itself_is_no_drift() -> None:
    before, after = {"provisioned_spot_capacity": 0, "name": "task"}, {"provisioned_spot_capacity": 8, "name": "task"}
    seen = emr({"actions": ["update"], "before": before, "after": after})
    back = emr({"actions": ["update"], "before": after, "after": before})
    quiet = emr({"actions": ["no-op"], "before": after, "after": after})
    for plan in (
        {"resource_drift": [seen], "resource_changes": [quiet]},
        {"resource_drift": [seen], "resource_changes": [back]},
    ):
        (found,) = differences(plan)
        assert (found.kind, found.kind.is_drift) == (Kind.SCALED, False)


def test_scaling_does_not_hide_a_hand() -> None:
    before, after = {"provisioned_spot_capacity": 0, "name": "task"}, {"provisioned_spot_capacity": 8, "name": "other"}
    seen = emr({"actions": ["update"], "before": before, "after": after})
    back = emr({"actions": ["update"], "before": after, "after": before})
    (found,) = differences({"resource_drift": [seen], "resource_changes": [back]})
    assert found.kind is Kind.CHANGED


def role(*, inline: list[str], attached: list[str]) -> dict[str, Any]:
    """A plan without a change, of a role that Terraform gave the policy `data` and one attachment."""
    values = {"name": "job", "inline_policy": [{"name": name} for name in inline], "managed_policy_arns": attached}
    own = [
        ("aws_iam_role", values),
        ("aws_iam_role_policy", {"role": "job", "name": "data"}),
        ("aws_iam_role_policy_attachment", {"role": "job", "policy_arn": "arn:aws:iam::1:policy/boundary"}),
    ]
    resources = [{"address": f"{type_}.a", "type": type_, "mode": "managed", "values": it} for type_, it in own]
    state = {"values": {"root_module": {"child_modules": [{"resources": resources}]}}}
    return {"prior_state": state, "resource_changes": []}


def test_rights_that_somebody_gave_a_role_beside_terraforms_are_drift() -> None:
    own = "arn:aws:iam::1:policy/boundary"
    assert differences(role(inline=["data"], attached=[own])) == []
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    plan = role(inline=["data", "quick-fix"], attached=[own, admin])
    plan["resource_drift"] = [
        {
            "address": "aws_iam_role.a",
            "mode": "managed",
            "type": "aws_iam_role",
            "change": {"actions": ["update"], "before": {"inline_policy": []}, "after": {"inline_policy": [1]}},
        }
    ]
    (found,) = differences(plan)
    assert (found.kind, found.kind.is_drift, found.attributes) == (Kind.ADDED, True, (admin, "quick-fix"))


def test_the_release_as_deployed_has_no_difference() -> None:
    plan = copy.deepcopy(PLAN)
    plan["resource_drift"] = []
    for item in plan["resource_changes"]:
        item["change"]["actions"] = ["no-op"]
    assert differences(plan) == []
