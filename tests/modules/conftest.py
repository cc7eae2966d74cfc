"""Terraform over this repository's modules, with one provider for all of its commands."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from delivery.mirror import terraform_environment
from delivery.terraform import find_terraform
from tests.modules.provider import attachable

MODULES = Path(__file__).parents[2] / "modules"

Result = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Terraform:
    """Terraform's commands. `more` are variables beside those with which it finds its provider."""

    more: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, folder: Path, *arguments: str) -> Result:
        environment = {**os.environ, **terraform_environment(), **self.more, "TF_CLI_ARGS": "-no-color"}
        command = [*find_terraform(), *arguments]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=180, check=False
        )


@pytest.fixture(scope="session")
def terraform() -> Terraform:
    """Terraform as everyone runs it."""
    return Terraform()


@pytest.fixture(scope="session")
def attached(tmp_path_factory: pytest.TempPathFactory, terraform: Terraform) -> Iterator[Terraform]:
    """Terraform with a provider that runs already."""
    folder = tmp_path_factory.mktemp("provider")
    shutil.copy(MODULES / "bucket" / "versions.tf", folder)
    installed = terraform(folder, "init", "-backend=false")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    with attachable(folder) as variables:
        yield Terraform(variables)
