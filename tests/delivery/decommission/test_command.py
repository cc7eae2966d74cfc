"""The whole verb with an approval, on a stack of terraform_data in moto: asked for, approved, done, and over."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from moto.moto_api._internal import moto_api_backend
from securesystemslib.signer import CryptoSigner

from bench.slim_release import NoAirflow, make, publish
from delivery import aws
from delivery.approval import Approval, sealed
from delivery.approval_store import ApprovalStore
from delivery.envelope import public_key_document
from delivery.ledger import Ledger
from delivery.tagged import Clients
from delivery.workspace import StackId
from generator.model import EnvironmentSpec
from generator.names import Names
from sluice import cli
from sluice.commands import decommission
from tests.delivery.decommission.conftest import REPOSITORY
from tests.delivery.moto_endpoint import moto_endpoint, variables_of

pytestmark = pytest.mark.terraform
TENANT = "slim"
STACK = StackId("prod", TENANT)
IDENTITY = ["-c", "user.name=Bob", "-c", "user.email=bob@example.com"]
BY = ["--by", "ann@example.com", "--ticket", "DATA-812"]


@dataclass(frozen=True)
class Ground:
    """A checkout without the tenant, and an account in which it was deployed."""

    checkout: Path
    spec: EnvironmentSpec
    clients: Clients
    signer: CryptoSigner

    @property
    def bucket(self) -> str:
        return Names(self.spec).bucket("ledger")

    @property
    def events(self) -> list[tuple[str, str]]:
        history = Ledger(self.clients("s3"), self.bucket, "prod").history()
        return [(record.event, record.approved_by) for record in history]

    def approve(self) -> str:
        """Approve what waits, and return who did."""
        store = ApprovalStore(self.clients("s3"), self.bucket, "prod", f"decommission-{TENANT}")
        deploy, now = store.request().deploy, datetime.now(UTC)
        approver, ends = self.spec.delivery.approvers[0], now + timedelta(hours=1)
        given = Approval(
            "prod", deploy.release, deploy.plans, deploy.authors, approver, now.isoformat(), ends.isoformat()
        )
        store.put(sealed(given, self.signer), deploy)
        return approver


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with moto_endpoint() as address:
        yield address


@pytest.fixture
def ground(prod: EnvironmentSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, endpoint: str) -> Ground:
    moto_api_backend.reset()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {**variables_of(endpoint), "AWS_REGION": prod.region}.items():
        monkeypatch.setenv(name, value)
    clients = cache(lambda service: aws.client(service, prod, os.environ))
    for bucket in ("tfstate", "ledger", "releases"):
        clients("s3").create_bucket(Bucket=Names(prod).bucket(bucket))
    signer, checkout = CryptoSigner(Ed25519PrivateKey.generate()), tmp_path / "checkout"
    trusted = checkout / "environments" / "prod" / "trusted"
    trusted.mkdir(parents=True)
    (trusted / "approval.json").write_text(json.dumps(public_key_document(signer)))
    shutil.copy(REPOSITORY / "environments/prod/environment.yaml", checkout / "environments/prod")
    for command in (["init", "-q"], [*IDENTITY, "commit", "-q", "--allow-empty", "-m", "Without the tenant"]):
        subprocess.run(["git", *command], cwd=checkout, check=True)
    _render(tmp_path / "tree", prod)
    publish(tmp_path / "tree", checkout, prod, clients)
    make(tmp_path / "tree", STACK, dict(os.environ))
    monkeypatch.setattr(decommission, "airflow_of", lambda spec, variables: NoAirflow())
    monkeypatch.chdir(checkout)
    return Ground(checkout, prod, clients, signer)


def _render(root: Path, spec: EnvironmentSpec) -> None:
    folder = root / STACK.rendered / "terraform"
    folder.mkdir(parents=True)
    bucket = Names(spec).bucket("tfstate")
    role = {"role_arn": f"arn:aws:iam::{spec.account_id}:role/{spec.deploy_role}"}
    backend = {"bucket": bucket, "key": f"{TENANT}.tfstate", "region": spec.region, "assume_role": role}
    (folder / "backend.tf.json").write_text(
        json.dumps({"terraform": {"backend": {"s3": {**backend, "use_lockfile": True}}}})
    )
    (folder / "main.tf").write_text('resource "terraform_data" "this" {\n  input = "something"\n}\n')
    (folder / "terraform.tfvars.json").write_text(json.dumps({"retention_days": 365}))
    (folder / ".terraform.lock.hcl").touch()
    (root / STACK.rendered / "dag" / "warehouse").mkdir(parents=True)
    (root / STACK.rendered / "dag" / "warehouse" / "ddl.sql").touch()
    for package in ("runtime", TENANT):
        (root / "spark_jobs" / package).mkdir(parents=True)
    (root / "spark_jobs" / "__init__.py").touch()


def test_from_the_question_to_the_ledger(ground: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        code = cli.run(["decommission", TENANT, "--env", "prod", *arguments])
        return code, capsys.readouterr().err

    assert cli.run(["decommission", "--list", "--env", "prod"]) == 1
    assert capsys.readouterr().out == "prod/slim: sluice decommission slim --env prod\n"

    code, said = run("--dry-run")
    assert (code, ground.events) == (0, [("deployed", "")])
    assert "destroy       terraform_data.this" in said
    assert 'by hand       in the warehouse, for SLUICE_WAREHOUSE_ROLE names no role: DROP SCHEMA "slim"' in said
    assert "by hand       in the authority, for SLUICE_AUTHORITY_URL is not set: say that slim is retired" in said
    assert not _evidence(ground)

    code, said = run(*BY)
    assert (code, ground.events) == (1, [("deployed", "")])
    assert "nobody has approved it" in said
    assert not _evidence(ground)

    code, said = run("--plan-only", *BY)
    assert (code, ground.events) == (0, [("deployed", "")])
    assert "is asked to approve it" in said
    approver = ground.approve()
    code, said = run("--plan-only", *BY)
    assert (code, ground.events) == (0, [("deployed", "")])
    assert f"prod/slim: approved by {approver}" in said
    assert not _evidence(ground)

    code, said = run(*BY)
    assert code == 0, said
    assert ground.events == [("deployed", ""), ("decommissioned", approver)]
    last = _evidence(ground)[-1]
    assert (last["stage"], last["ticket"], last["approved_by"]) == ("finished", "DATA-812", approver)
    assert last["destroyed"] == [{"address": "terraform_data.this", "type": "terraform_data"}]

    code, said = run(*BY)
    assert (code, len(ground.events)) == (0, 2)
    assert "nothing is left to be done" in said
    assert cli.run(["decommission", "--env", "prod"]) == 0


def _evidence(ground: Ground) -> list[dict[str, Any]]:
    s3 = ground.clients("s3")
    listed = s3.list_objects_v2(Bucket=ground.bucket, Prefix=f"decommissioned/prod/{TENANT}/").get("Contents", [])
    return [json.loads(s3.get_object(Bucket=ground.bucket, Key=item["Key"])["Body"].read()) for item in listed]
