"""The rendered Terraform roots are valid against the modules that they call, and hold their provider to its hashes."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from generator.render import Tree, render_tree
from tests.generator import samples
from tests.modules.conftest import MODULES, Terraform

pytestmark = pytest.mark.terraform

STACKS = [("dev", "platform"), ("dev", "claims"), ("prod", "platform"), ("prod", "claims")]


@pytest.fixture(scope="module")
def tree() -> Tree:
    return render_tree([samples.tenant()], samples.environments())


@pytest.mark.parametrize(("environment", "stack"), STACKS)
def test_valid_and_formatted(
    tmp_path: Path, tree: Tree, terraform: Terraform, attached: Terraform, environment: str, stack: str
) -> None:
    root = PurePosixPath(f"environments/{environment}/rendered/{stack}/terraform")
    for path, text in tree.items():
        if path.is_relative_to(root):
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
    (tmp_path / "modules").symlink_to(MODULES)
    folder = tmp_path / root
    formatted = terraform(folder, "fmt", "-check", "-diff")
    initialised = terraform(folder, "init", "-backend=false", "-lockfile=readonly")
    validated = attached(folder, "validate")
    for result in (formatted, initialised, validated):
        assert result.returncode == 0, result.stdout + result.stderr
