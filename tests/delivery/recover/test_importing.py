"""How resources are recorded: together where a plan of them only takes over, else one by one; no file is left."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from delivery.errors import TerraformFailed
from delivery.recover.importing import _place, record
from delivery.recover.match import Candidate
from delivery.terraform import Outcome
from delivery.workspace import StackId

BUCKET = Candidate('module.lake.module.bucket["raw.v1"].aws_s3_bucket.this', "aws_s3_bucket", "raw", "by its tags")
ROLE = Candidate("aws_iam_role.job[0]", "aws_iam_role", "job", "by its tags")
STACK = StackId("dev", "annuity")
TAKES_OVER = {"add": 0, "change": 0, "import": 2, "remove": 0, "operation": "plan"}


@dataclass
class Runner:
    """Terraform that would do `planned`, or fails; it keeps what it was told and what lay in the folder then."""

    folder: Path
    planned: dict[str, Any] | None
    stack: StackId = STACK
    commands: list[tuple[str, ...]] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)

    def run(self, command: str, *arguments: str, **options: Any) -> Outcome:
        self.commands.append((command, *arguments))
        if command != "plan":
            return Outcome(0)
        self.seen = {str(path.relative_to(self.folder.parent)): path.read_text() for path in files(self.folder.parent)}
        assert options["target"] == [BUCKET.address, ROLE.address], "nothing else is planned"
        if self.planned is None:
            raise TerraformFailed("dev/annuity: terraform plan failed", ["no such bucket"])
        return Outcome(2, [{"type": "change_summary", "changes": self.planned}])


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.tf"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run folder whose stack makes a module that makes buckets."""
    root = tmp_path / "root"
    (root / ".terraform/modules").mkdir(parents=True)
    (tmp_path / "modules/bucket").mkdir(parents=True)
    listed = [{"Key": "", "Dir": "."}, {"Key": "lake.bucket", "Dir": "../modules/bucket"}]
    (root / ".terraform/modules/modules.json").write_text(json.dumps({"Modules": listed}))
    return root


def test_what_a_plan_only_takes_over_is_recorded_at_once(folder: Path) -> None:
    runner = Runner(folder, TAKES_OVER)
    record(runner, [BUCKET, ROLE], lambda line: None)  # type: ignore[arg-type]
    assert runner.commands == [("plan",), ("apply", "plan.tfplan")]
    assert sorted(runner.seen) == [
        "modules/bucket/recover_override.tf", "root/recover_imports.tf", "root/recover_override.tf"
    ]  # fmt: skip
    assert (
        'resource "aws_s3_bucket" "this" {\n  lifecycle {\n    ignore_changes = all'
        in runner.seen["modules/bucket/recover_override.tf"]
    )
    assert files(folder.parent) == [], "the next plan sees every difference again"


@pytest.mark.parametrize(
    "planned",
    [None, TAKES_OVER | {"add": 1}, TAKES_OVER | {"change": 1}, TAKES_OVER | {"remove": 1}, TAKES_OVER | {"import": 1}],
)
def test_a_plan_that_does_anything_else_is_never_applied(folder: Path, planned: dict[str, Any] | None) -> None:
    runner = Runner(folder, planned)
    record(runner, [BUCKET, ROLE], lambda line: None)  # type: ignore[arg-type]
    assert runner.commands == [("plan",), ("import", BUCKET.address, "raw"), ("import", ROLE.address, "job")]
    assert files(folder.parent) == []


def test_the_place_of_a_resource_whatever_its_keys_hold() -> None:
    assert _place(BUCKET.address) == ("lake.bucket", "aws_s3_bucket", "this")
    assert _place(ROLE.address) == ("", "aws_iam_role", "job")
    assert _place('module.a["x\\"].y"].aws_kms_key.this') == ("a", "aws_kms_key", "this")
