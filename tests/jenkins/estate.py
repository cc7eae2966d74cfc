"""What real builds need: a local cloud whose environments stand, a repository of this tree, a forge that listens.

Stood in for, and nothing else: `make install`, `make lint` and `make unit`, since a build would otherwise install this
tree again and run this very test in itself.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from rich.console import Console

from delivery import aws
from delivery.ledger import Record, ledger_of
from generator.spec import load_environment
from sandbox.lifecycle import Sandbox
from sluice import laptop
from sluice.commands.stacks import apply_all
from tests.jenkins.jenkins import ROOT, Build, Harness, Started
from tests.jenkins.repository import Repository

MAKEFILE = f"""# Stands in for the Makefile of this tree.
install:
\t@ln -sfn {ROOT}/.venv .venv
lint unit:
\t@true
"""
ENTRY_ACCOUNT = "123456789012"
IDENTITY = {"NAME": "Jenkins", "EMAIL": "jenkins@meridian.example"}
PROBE_DATE = "2026-10-31"
POLICIES = 25


class Forge:
    """A GitHub as far as comments go, on a loopback port."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        forge = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(200, {"login": "jenkins"} if self.path == "/user" else forge.comments)

            def do_POST(self) -> None:
                forge.comments.append({"id": len(forge.comments) + 1, "user": {"login": "jenkins"}, **self._body()})
                self._answer(201, forge.comments[-1])

            def do_PATCH(self) -> None:
                comment = forge.comments[int(self.path.rsplit("/", 1)[-1]) - 1]
                comment.update(self._body())
                self._answer(200, comment)

            def _body(self) -> dict[str, Any]:
                found: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                return found

            def _answer(self, status: int, document: object) -> None:
                content = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Estate:
    """One local cloud, one repository, one forge, and the builds of them."""

    home: Path
    running: Sandbox
    repository: Repository
    forge: Forge
    harness: Harness

    def build(self, env: dict[str, str], commit: str, *inputs: tuple[str, bool], **more: Any) -> Build:
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
        return self.harness.run(self.repository.workspace.parent / "tree/Jenkinsfile", started)

    def history(self, environment: str) -> list[Record]:
        """Return the environment's ledger."""
        spec = load_environment(self.repository.tree, environment)
        return ledger_of(spec, self.running.terraform_environment()).history()

    def client(self, service: str, environment: str) -> Any:
        spec = load_environment(self.repository.tree, environment)
        return aws.client(service, spec, self.running.terraform_environment())

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
        }


def found(home: Path, harness: Harness) -> Estate:
    """Start a cloud, apply both environments, land their data, and trust production's keys in this tree."""
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
    apply_all(repository.tree, ("dev", "prod"), variables, Console(), jobs=2)
    for environment in ("dev", "prod"):
        laptop.prepare_airflow(repository.tree, running, environment)
        laptop.land(repository.tree, running, environment, PROBE_DATE, POLICIES, 1)
    return estate


def _copy_tree(target: Path) -> None:
    """Copy what Git tracks here, as it is now, with the Makefile stood in for."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listing.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    (target / "Makefile").write_text(MAKEFILE)
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
