"""What others filled while a resource lived, and Terraform only reads back, is not what the plan makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policies.artefacts.computed import is_computed
from policies.check import Resource
from policies.plan import read_plan

ADDRESS = "aws_emr_cluster.this"
STEP = {"name": "conform", "action_on_failure": "CONTINUE", "hadoop_jar_step": [{"jar": "command-runner.jar"}]}
WRITTEN = {"step": [{"name": {"constant_value": "conform"}}]}


def cluster(
    root: Path, body: str = "", expressions: dict[str, Any] | None = None, *, with_code: bool = True
) -> Resource:
    """Return a cluster on which a step has run, as the plan of `body` shows it."""
    (root / "main.tf").write_text(f'resource "aws_emr_cluster" "this" {{\n  name = "c"\n{body}\n}}\n')
    named = {"address": ADDRESS, "mode": "managed", "type": "aws_emr_cluster", "name": "this"}
    values = {"name": "c", "step": [STEP]}
    change = {"actions": ["no-op"], "before": values, "after": values, "after_unknown": {}}
    said = {"name": {"constant_value": "c"}, **(expressions or {})}
    plan = {
        "format_version": "1.2",
        "complete": True,
        "planned_values": {"root_module": {"resources": [{**named, "values": values}]}},
        "resource_changes": [{**named, "change": change}],
        "configuration": {"root_module": {"resources": [{**named, "expressions": said}]}},
    }
    return read_plan(json.dumps(plan).encode(), root=root if with_code else None).resources[ADDRESS]


def test_steps_of_runs_are_the_providers_own(tmp_path: Path) -> None:
    assert is_computed(cluster(tmp_path), "step")


@pytest.mark.parametrize(
    ("body", "expressions", "with_code"),
    [
        ('step {\n name = "conform"\n}', WRITTEN, True),
        ('dynamic "step" {\n for_each = [1]\n content {\n name = "conform"\n }\n}', None, True),
        ("", None, False),
    ],
    ids=["written", "perhaps written by a dynamic block", "no code to look into"],
)
def test_what_the_code_may_have_written_stays_what_it_is(
    tmp_path: Path, body: str, expressions: dict[str, Any] | None, with_code: bool
) -> None:
    resource = cluster(tmp_path, body, expressions, with_code=with_code)
    assert [step.get("name") for step in resource.blocks("step")] == ["conform"]
