"""Which tenants are planned again once the platform is applied: those that look up what it has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from delivery.deploy.lookups import Lookups, changed_types
from delivery.plan_digest import PlanUnreadable
from delivery.workspace import StackId

TENANT = StackId("prod", "alpha")
PARAMETER = 'data "aws_ssm_parameter" "key" {\n  name = "/platform/key"\n}\n'
MODULE = 'module "lake" {\n  source = "../../../../../modules/lake"\n}\n'


def change(type: str, *actions: str, mode: str = "managed") -> dict[str, object]:
    return {"mode": mode, "type": type, "change": {"actions": list(actions)}}


def plan(*changes: dict[str, object], **outputs: dict[str, list[str]]) -> dict[str, object]:
    return {"resource_changes": list(changes), "output_changes": outputs}


def may_change(root: Path, code: dict[str, str], *types: str) -> bool:
    own = root / TENANT.rendered / "terraform"
    for name, text in code.items():
        path = own / name if "/" not in name else root / "modules" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Lookups(root).may_change(TENANT, set(types))


def test_what_a_plan_changes() -> None:
    found = plan(
        change("aws_s3_object", "update"),
        change("aws_ssm_parameter", "no-op"),
        change("aws_kms_key", "delete", "create"),
        change("aws_region", "read", mode="data"),
    )
    assert changed_types(found) == {"aws_s3_object", "aws_kms_key"}
    assert changed_types(plan(network={"actions": ["update"]}, same={"actions": ["no-op"]})) == {"output"}
    with pytest.raises(PlanUnreadable):
        changed_types({"resource_changes": [{"mode": "managed"}]})


@pytest.mark.parametrize(
    ("code", "types", "expected"),
    [
        pytest.param({"main.tf": PARAMETER}, ["aws_ssm_parameter"], True, id="a parameter, and parameters change"),
        pytest.param({"main.tf": PARAMETER}, ["aws_s3_object", "output"], False, id="a parameter, and other things do"),
        pytest.param({"main.tf": PARAMETER}, [], False, id="a parameter, and nothing does"),
        pytest.param({"main.tf": 'data "aws_region" "here" {}\n'}, ["aws_ssm_parameter"], False, id="where it is"),
        pytest.param({"main.tf": 'data "aws_vpc" "x" {}\n'}, ["aws_s3_object"], True, id="a type of nobody's table"),
        pytest.param({"main.tf": "  data   aws_vpc x {}\n"}, ["aws_s3_object"], True, id="without quotes"),
        pytest.param({"main.tf": "# nothing\n"}, ["aws_ssm_parameter"], False, id="nothing"),
        pytest.param({"main.tf": MODULE, "lake/main.tf": PARAMETER}, ["aws_ssm_parameter"], True, id="in a module"),
        pytest.param({"main.tf": MODULE, "lake/main.tf": PARAMETER}, ["aws_vpc"], False, id="in a module, another"),
        pytest.param({"main.tf": "", "x.tf.json": '{"data": {}}'}, ["aws_vpc"], True, id="in JSON, which nobody reads"),
    ],
)
def test_who_is_planned_again(tmp_path: Path, code: dict[str, str], types: list[str], expected: bool) -> None:
    assert may_change(tmp_path, code, *types) is expected
