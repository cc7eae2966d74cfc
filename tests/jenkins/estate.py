"""What real builds need: a local cloud whose environments stand, a repository of this tree, a forge that listens.

Stood in for, and nothing else: `make install` and `make unit`, since a build would otherwise install this tree again
and run this very test in itself. `make lint` is the real one, with the type checker's cache of this checkout.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery import aws
from delivery.ledger import Record, ledger_of
from delivery.plan import apply, plan
from delivery.supervision import Interruption
from delivery.walk import walk
from delivery.workspace import StackId
from generator.spec import load_environment
from sandbox.lifecycle import Sandbox
from sluice import laptop
from tests.jenkins.forge import Forge
from tests.jenkins.jenkins import ROOT, Build, Harness, Started
from tests.jenkins.repository import Repository

STOOD_IN_FOR = {"install": f"ln -sfn {ROOT}/.venv .venv", "unit": "true"}
"""{target of the Makefile: what it does instead}"""
ENTRY_ACCOUNT = "123456789012"
IDENTITY = {"NAME": "Jenkins", "EMAIL": "jenkins@meridian.example"}
PROBE_DATE = "2026-10-31"
POLICIES = 25


@dataclass
class Estate:
    """One local cloud, one repository, one forge, and the builds of them."""

    home: Path
    running: Sandbox
    repository: Repository
    forge: Forge
    harness: Harness

    def build(
        self,
        env: dict[str, str],
        commit: str,
        *inputs: tuple[str, bool],
        pipeline: str = "Jenkinsfile",
        **more: Any,
    ) -> Build:
        """Build a commit; `inputs` are who answers, and whether with yes."""
        answers = [{"by": f"{person}@meridian.example", "approve": yes} for person, yes in inputs]
        started = Started(
            self.repository.origin,
            self.repository.workspace,
            commit,
            {"BUILD_URL": "https://jenkins.meridian.example/job/sluice/1/", **env},
            self._agent(),
            answers,
            **more,
        )
        return self.harness.run(self.repository.tree / pipeline, started)

    def history(self, environment: str) -> list[Record]:
        """Return the environment's ledger."""
        spec = load_environment(self.repository.tree, environment)
        return ledger_of(spec, self.running.terraform_environment()).history()

    def client(self, service: str, environment: str) -> Any:
        spec = load_environment(self.repository.tree, environment)
        return aws.client(service, spec, self.running.terraform_environment())

    def sluice(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a verb by hand, where the agent works."""
        variables = laptop.host_environment() | self.running.terraform_environment()
        command = ["bin/sluice", *arguments]
        return subprocess.run(
            command, cwd=self.repository.workspace, env=variables, capture_output=True, text=True, check=False
        )

    def _agent(self) -> dict[str, str]:
        """Return an agent's variables: the way to the cloud and no identity there."""
        cloud = self.running.terraform_environment()
        roles = {
            f"SLUICE_{stage.upper()}_ROLE": f"arn:aws:iam::{ENTRY_ACCOUNT}:role/sluice-jenkins-{stage}"
            for stage in ("plan", "release", "deploy", "approve")
        }
        people = {f"GIT_{who}_{key}": value for who in ("AUTHOR", "COMMITTER") for key, value in IDENTITY.items()}
        git = {"GIT_CONFIG_NOSYSTEM": "1", "XDG_CONFIG_HOME": str(self.home / "config")}
        way = {key: value for key, value in cloud.items() if key not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        way["AWS_ENDPOINT_URL_STS"] = self.running.endpoint  # Terraform asks for a web identity by this name alone
        return {
            **laptop.host_environment(),
            **way,
            **roles,
            **people,
            **git,
            "SLUICE_REPOSITORY": "meridian/sluice",
            "SLUICE_FORGE_API": self.forge.address,
            "SLUICE_CACHE": str(ROOT / ".sluice/cache"),
            "MYPY_CACHE_DIR": str(ROOT / ".mypy_cache"),
        }


def found(home: Path, harness: Harness) -> Estate:
    """Start a cloud, apply both environments, land dev's data, and trust production's keys in this tree."""
    repository = Repository(home / "git")
    _copy_tree(repository.tree)
    (home / "config/git").mkdir(parents=True)
    (home / "config/git/ignore").write_text(".venv\n")
    (repository.tree / ".venv").symlink_to(ROOT / ".venv")
    running = laptop.start(repository.tree)
    estate = Estate(home, running, repository, Forge(), harness)
    _trust(estate)
    repository.commit("As the environments stand")
    repository.publish()
    variables = laptop.host_environment() | running.terraform_environment()
    with ThreadPoolExecutor(1) as beside:
        airflow = beside.submit(laptop.prepare_airflow, repository.tree, running, "dev")
        _provision(repository.tree, variables)
        airflow.result()
    laptop.land(repository.tree, running, "dev", PROBE_DATE, POLICIES, 1)
    return estate


def _provision(tree: Path, variables: Mapping[str, str]) -> None:
    """Apply every stack; unjudged, since each build judges what it plans."""
    interruption = Interruption()

    def visit(stack: StackId) -> None:
        apply(tree, plan(tree, stack, interruption, variables), interruption, variables)

    walk(tree, ("dev", "prod"), visit, jobs=2)


def _copy_tree(target: Path) -> None:
    """Copy what Git tracks here, as it is now, with two targets of the Makefile stood in for."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listing.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    makefile = (target / "Makefile").read_text()
    for name, command in STOOD_IN_FOR.items():
        makefile, count = re.subn(rf"(?m)^{name}:.*\n(?:\t.*\n)*", f"{name}:\n\t@{command}\n", makefile)
        assert count == 1, name
    (target / "Makefile").write_text(makefile)
    spec = target / "environments/prod/environment.yaml"  # dev's smoke run is proof of the verb, and takes its minute
    spec.write_text("".join(line for line in spec.read_text().splitlines(keepends=True) if "probe_date" not in line))


def _trust(estate: Estate) -> None:
    """Commit the public halves of production's keys, as `sluice release key` prints them, for both environments."""
    tree = estate.repository.tree
    for purpose, option in (("release", ()), ("approval", ("--approval",))):
        command = ["bin/sluice", "release", "key", f"awskms:alias/meridian-{purpose}", "--env", "prod", *option]
        variables = os.environ | estate.running.terraform_environment()
        key = subprocess.run(command, cwd=tree, env=variables, check=True, capture_output=True, text=True).stdout
        for environment in ("dev", "prod"):
            path = tree / "environments" / environment / f"trusted/{purpose}.json"
            path.parent.mkdir(exist_ok=True)
            path.write_text(key)
