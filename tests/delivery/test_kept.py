"""A kept plan speaks about the tree as long as its copy is the tree, to the byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from delivery.errors import TerraformFailed
from delivery.kept import NoCurrentPlan, kept_plan
from delivery.plan import PLAN_FILE, plan, show_json
from delivery.supervision import Interruption
from delivery.workspace import OVERLAY_VARIABLE, StackId, prepare
from tests.delivery.conftest import MakeStack

STACK = StackId("dev", "annuity")


@pytest.fixture
def planned(repository: MakeStack) -> Path:
    """A repository whose run folder holds a file in the plan's place."""
    root = repository("dev", "annuity")
    (prepare(root, STACK, {}) / PLAN_FILE).write_bytes(b"a plan")
    return root


def test_a_current_plan(planned: Path) -> None:
    assert (kept_plan(planned, STACK, {}) / PLAN_FILE).read_bytes() == b"a plan"


def test_no_plan(repository: MakeStack) -> None:
    with pytest.raises(NoCurrentPlan, match="dev/annuity: has no plan") as caught:
        kept_plan(repository("dev", "annuity"), STACK, {})
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    "path",
    [
        "environments/dev/rendered/annuity/terraform/main.tf",
        "environments/dev/rendered/annuity/terraform/new.tf",
        "environments/dev/rendered/annuity/terraform/terraform.tfvars.json",
        "environments/dev/rendered/annuity/terraform/.terraform.lock.hcl",
        "environments/dev/rendered/annuity/dag/daily.py",
        "spark_jobs/annuity/job.py",
        "modules/bucket/main.tf",
        ".sluice/run/dev/annuity/environments/dev/rendered/annuity/terraform/added.tf",
        ".sluice/run/dev/annuity/modules/bucket/main.tf",
    ],
)
def test_any_other_byte_makes_it_stale(planned: Path, path: str) -> None:
    (planned / path).parent.mkdir(parents=True, exist_ok=True)
    (planned / path).write_text("changed")
    with pytest.raises(NoCurrentPlan, match="dev/annuity: its plan is stale"):
        kept_plan(planned, STACK, {})


def test_a_file_that_is_gone_makes_it_stale(planned: Path) -> None:
    (planned / STACK.rendered / "terraform/terraform.tfvars.json").unlink()
    with pytest.raises(NoCurrentPlan, match=r"terraform\.tfvars\.json is not what was planned"):
        kept_plan(planned, STACK, {})


def test_what_terraform_leaves_behind_does_not_count(planned: Path) -> None:
    folder = planned / ".sluice/run/dev/annuity" / STACK.rendered / "terraform"
    for name in ("init.log", "plan.log", ".terraform/providers/x"):
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).touch()
    assert kept_plan(planned, STACK, {}) == folder


def test_the_overlay_that_it_was_planned_with_must_be_in_force(repository: MakeStack, tmp_path: Path) -> None:
    root = repository("dev", "annuity")
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    (overlay / "provider_override.tf").write_text("# endpoints")
    (prepare(root, STACK, {OVERLAY_VARIABLE: str(overlay)}) / PLAN_FILE).touch()
    assert kept_plan(root, STACK, {OVERLAY_VARIABLE: str(overlay)})
    with pytest.raises(NoCurrentPlan, match=r"provider_override\.tf is not what was planned"):
        kept_plan(root, STACK, {})


@pytest.mark.terraform
def test_a_real_plan_is_shown(repository: Callable[..., Path], s3: dict[str, str]) -> None:
    root = repository("dev", "annuity")
    made = plan(root, STACK, Interruption(), s3)
    assert kept_plan(root, STACK, s3) == made.folder
    shown = json.loads(show_json(STACK, made.folder, s3))
    assert [item["address"] for item in shown["resource_changes"]] == ["terraform_data.first", "terraform_data.slow"]
    (made.folder / PLAN_FILE).write_bytes(b"no plan")
    with pytest.raises(TerraformFailed, match="dev/annuity: terraform show failed"):
        show_json(STACK, made.folder, s3)


def test_the_jobs_of_other_tenants_are_neither_copied_nor_compared(planned: Path) -> None:
    run = planned / ".sluice/run/dev/annuity/spark_jobs"
    for name in ("claims", "runtime"):
        (planned / "spark_jobs" / name).mkdir(exist_ok=True)
        (planned / "spark_jobs" / name / "job.py").write_text("X = 1\n")
    (prepare(planned, STACK, {}) / PLAN_FILE).write_bytes(b"a plan")
    assert sorted(path.name for path in run.iterdir()) == ["__init__.py", "annuity", "runtime"]
    (planned / "spark_jobs/claims/job.py").write_text("X = 2\n")
    assert kept_plan(planned, STACK, {})
    (planned / "spark_jobs/runtime/job.py").write_text("X = 2\n")
    with pytest.raises(NoCurrentPlan, match=r"spark_jobs/runtime/job\.py is not what was planned"):
        kept_plan(planned, STACK, {})
