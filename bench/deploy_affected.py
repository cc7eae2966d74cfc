"""What a deploy of one changed tenant costs among many: `python -m bench.deploy_affected [TENANTS]`.

Terraform, ledger, releases, kept plans and the requests to S3 (moto, in a process of its own that is not counted) are
real; tenants are one terraform_data each, with as many other files as annuity has; the gate, its evidence and Airflow
are left out of the deploy. What the gate adds is measured beside it: reading and proving kept plans of the real annuity
tenant under as many names.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import msgspec
from rich.console import Console
from rich.table import Table
from securesystemslib.signer import CryptoSigner

from bench.kept_plans import measure
from bench.measure import ROOT
from bench.slim_release import Silence
from delivery import aws
from delivery.deploy.place import Hands, Place, place_of
from delivery.deploy.run import deploy
from delivery.deploy.standing_plans import opened
from delivery.envelope import public_key_document
from delivery.ledger import Record
from delivery.release import bundle, signing
from delivery.release.bundle import Release
from delivery.release.contents import release_files
from delivery.smoke import SmokeResult, SmokeRun
from delivery.workspace import StackId
from generator.model import EnvironmentSpec
from generator.names import Names

ENVIRONMENT = "dev"
BUCKET = "bench-states"
CODE = 'variable "version_" { type = string }\nresource "terraform_data" "this" { input = var.version_ }\n'
FIRST = "tenant-00000"
SERVER_SECONDS = 60
FILES, LINES = 32, 300
"""Beside Terraform's, so that a release has as many files a tenant as annuity's in two environments, and as large."""
EVIDENCE = "delivery.deploy.candidate.require_evidence"


class Counting(Silence):
    """Counts plans, and pipelines that would have run."""

    def __init__(self) -> None:
        self.plans = self.runs = 0

    def planning(self, stack: StackId) -> None:
        self.plans += 1


class Used(NamedTuple):
    """What a deploy took: plans, pipelines, and seconds: of CPU, Terraform's included, and by the clock."""

    plans: int
    runs: int
    cpu: float
    wall: float


class World:
    """A checkout of a platform and one tenant, deployed; and an S3."""

    def __init__(self, root: Path, variables: dict[str, str]) -> None:
        self.root, self.variables, self.key = root, variables, CryptoSigner.generate_ed25519()
        folder = root / "environments" / ENVIRONMENT
        (folder / "trusted").mkdir(parents=True)
        shutil.copy(ROOT / "environments" / ENVIRONMENT / "environment.yaml", folder)
        (folder / "trusted/release.json").write_text(json.dumps(public_key_document(self.key)))
        (folder / "release.yaml").write_text("follows: main\n")
        (root / ".gitignore").write_text(".sluice/\ndist/\n")
        (root / "spark_jobs/runtime").mkdir(parents=True)
        (root / "spark_jobs/__init__.py").touch()
        self.git("init", "--quiet", "--initial-branch=main")
        for name in ("platform", FIRST):
            self.render(name)
        self.commit()
        self.place: Place = place_of(root, ENVIRONMENT, variables)
        self.s3 = aws.client("s3", self.place.spec, variables)
        names = Names(self.place.spec)
        for bucket in (BUCKET, names.bucket("ledger"), names.bucket("releases")):
            self.s3.create_bucket(Bucket=bucket)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self) -> None:
        self.git("add", "--all")
        self.git(
            "-c",
            "user.name=bench",
            "-c",
            "user.email=bench@meridian.example",
            "commit",
            "--allow-empty",
            "-qm",
            "change",
        )

    def render(self, name: str, version: str = "one") -> None:
        folder = self.root / "environments" / ENVIRONMENT / "rendered" / name / "terraform"
        folder.mkdir(parents=True, exist_ok=True)
        backend = {"bucket": BUCKET, "key": name, "region": "us-east-1", "use_lockfile": True}
        (folder / "main.tf").write_text(CODE)
        (folder / "terraform.tfvars.json").write_text(json.dumps({"version_": version}))
        (folder / ".terraform.lock.hcl").write_text("")
        (folder / "backend.tf.json").write_text(json.dumps({"terraform": {"backend": {"s3": backend}}}))
        (self.root / "spark_jobs" / name.replace("-", "_")).mkdir(exist_ok=True)
        (folder.parent / "dag").mkdir(exist_ok=True)
        for number in range(FILES):
            (folder.parent / f"dag/query_{number:02}.sql").write_text(f"-- {name}\n" * LINES)

    def publish(self) -> str:
        """Sign and publish a release of the checkout and return its digest."""
        self.commit()
        release = Release(release_files(self.root), {"terraform": "1"})
        provenance = signing.Provenance(self.git("rev-parse", "HEAD"), "bench", datetime.now(UTC).isoformat())
        envelope = signing.sign(release, provenance, self.key)
        return self.place.store.publish(bundle.write(release, self.root / "dist"), envelope)

    def deploy(self, digest: str) -> Used:
        """Deploy a release and return what it took."""
        watcher, cpu, begin = Counting(), _cpu_seconds(), time.monotonic()

        def no_airflow(spec: EnvironmentSpec, tenants: Sequence[str], root: Path) -> SmokeResult:
            watcher.runs += len(tenants)
            return SmokeResult(tuple(SmokeRun(name, "bench", "success") for name in tenants))

        deploy(self.place, Hands(_no_gate, no_airflow, watcher, lambda text: None, "bench"), digest)
        return Used(watcher.plans, watcher.runs, _cpu_seconds() - cpu, time.monotonic() - begin)

    def multiply(self, tenants: int) -> None:
        """Let the environment run as many tenants as if each had been deployed: tree, state, kept plan, ledger."""
        plans, ledger = self.place.plans, self.place.ledger
        deployed = next(record for record in reversed(ledger.history()) if record.event == "deployed")
        listed = dict(plans.get_list(deployed.standing) or {})
        model = listed[f"{ENVIRONMENT}/{FIRST}"]
        content = opened(plans.get(model.plan) or b"")
        for number in range(1, tenants):
            name = f"tenant-{number:05}"
            self.render(name)
            self.s3.copy_object(Bucket=BUCKET, Key=name, CopySource={"Bucket": BUCKET, "Key": FIRST})
            state = self.s3.head_object(Bucket=BUCKET, Key=name)["ETag"]
            kept = plans.keep(content.replace(b"{", b'{"of":"%s",' % name.encode(), 1))
            listed[f"{ENVIRONMENT}/{name}"] = msgspec.structs.replace(model, plan=kept, state=state)
        now = replace(deployed, release=self.publish(), standing=plans.keep_list(listed))
        ledger.append(now, ledger.history())
        proved = Record("verified", now.release, "bench", now.at, probe_date=str(self.place.spec.delivery.probe_date))
        ledger.append(proved, ledger.history())


def _no_gate(root: Path, plans: Mapping[StackId, Any], beside: Mapping[StackId, bytes]) -> None:
    """Judge nothing: terraform_data is no platform that a gate could judge."""


def main(tenants: int) -> None:
    """Deploy one tenant's change where it is alone and among many; then measure what the gate reads."""
    table = Table(title="One tenant changed: a whole deploy of it, Terraform included")
    for heading in ("tenants", "deploy", "plans", "pipelines", "CPU s", "wall s", "ratio of CPU"):
        table.add_column(heading)
    alone = 0.0
    for count in (1, tenants):
        with _cloud() as variables, tempfile.TemporaryDirectory() as folder, patch(EVIDENCE):
            world = World(Path(folder), variables)
            world.deploy(world.publish())
            world.multiply(count)
            for label in ("first on this machine", "next"):
                world.render(FIRST, label)
                used = world.deploy(world.publish())
                alone = alone or used.cpu
                ratio = f"{used.cpu / alone:.2f}"
                table.add_row(
                    f"{count:,}", label, str(used.plans), str(used.runs), f"{used.cpu:.1f}", f"{used.wall:.1f}", ratio
                )
    Console(width=140).print(table)
    with _cloud() as variables, tempfile.TemporaryDirectory() as folder:
        Console(width=140).print(measure(variables, tenants, Path(folder)))


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(item.ru_utime + item.ru_stime for item in used)


@contextmanager
def _cloud() -> Iterator[dict[str, str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            yield {
                **{key: value for key, value in os.environ.items() if not key.startswith("AWS_")},
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                "AWS_REGION": "us-east-1",
                "AWS_EC2_METADATA_DISABLED": "true",
            }
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + SERVER_SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
