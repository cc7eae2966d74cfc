"""Who may let a change set destroy data: a sealed approval of exactly that, by somebody who wrote none of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner

from delivery.approval import Approval, Deploy, sealed
from delivery.cloudformation.approving import Destructive, Signed
from delivery.cloudformation.authors import authors_of
from delivery.cloudformation.changes import Kind, ResourceChange, StackPlan
from delivery.envelope import public_key_document
from delivery.git import DirtyTree, UnknownRevision
from generator.model import Delivery
from generator.spec import load_environment

ROOT = Path(__file__).parents[3]
PLAN = StackPlan(
    "prod",
    "claims",
    "meridian-prod-claims-store",
    Kind.UPDATE,
    (ResourceChange("Queue", "AWS::SQS::Queue", "replace"),),
    "arn:…",
    "d" * 64,
)


@pytest.fixture(scope="module")
def signer() -> CryptoSigner:
    return CryptoSigner.generate_ed25519()


@pytest.fixture
def repository(tmp_path: Path, signer: CryptoSigner) -> Path:
    """A repository in which writer@ wrote the template of claims."""
    for path, text in {
        "tenants/claims/cloudformation/store.yaml": "Resources: {}\n",
        "environments/prod/trusted/approval.json": json.dumps(public_key_document(signer)),
    }.items():
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
    git(tmp_path, "init", "-q")
    commit(tmp_path, "writer@meridian.example")
    return tmp_path


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout


def commit(root: Path, who: str) -> None:
    git(root, "add", "-A")
    person = ["-c", f"user.email={who}", "-c", "user.name=x"]
    git(root, *person, "commit", "-q", "--allow-empty", "-m", "change")


def signed(root: Path, envelopes: Sequence[Any], asked: list[Deploy] | None = None) -> Signed:
    spec = load_environment(ROOT, "prod").model_copy(
        update={"delivery": Delivery(approvers=("release@meridian.example", "writer@meridian.example"))}
    )
    asks = [] if asked is None else asked
    return Signed(root, spec, lambda deploy: envelopes, list, lambda deploy, plans: asks.append(deploy))


def approval(root: Path, **other: Any) -> Approval:
    now = datetime.now(UTC)
    given = Approval(
        environment="prod",
        release=git(root, "rev-parse", "HEAD").strip(),
        plans={PLAN.key: PLAN.digest},
        authors=("writer@meridian.example",),
        approver="release@meridian.example",
        approved_at=(now - timedelta(minutes=1)).isoformat(),
        expires_at=(now + timedelta(hours=1)).isoformat(),
    )
    return replace(given, **other)


def test_an_approval_of_exactly_this_lets_it_through(repository: Path, signer: CryptoSigner) -> None:
    signed(repository, [None, sealed(approval(repository), signer)])([PLAN])


@pytest.mark.parametrize(
    "other",
    [
        {"plans": {PLAN.key: "e" * 64}},
        {"plans": {PLAN.key: PLAN.digest, "prod/other": "f" * 64}},
        {"plans": {}},
        {"environment": "dev"},
        {"release": "0" * 40},
        {"approver": "writer@meridian.example"},
        {"approver": "somebody@meridian.example"},
        {"expires_at": datetime.now(UTC).isoformat()},
    ],
)
def test_an_approval_of_anything_else_does_not(repository: Path, signer: CryptoSigner, other: dict[str, Any]) -> None:
    with pytest.raises(Destructive, match="an approval is there"):
        signed(repository, [sealed(approval(repository, **other), signer)])([PLAN])


def test_a_seal_of_somebody_else_does_not(repository: Path) -> None:
    with pytest.raises(Destructive):
        signed(repository, [sealed(approval(repository), CryptoSigner.generate_ed25519())])([PLAN])


def test_without_an_approval_one_is_asked_for(repository: Path) -> None:
    asked: list[Deploy] = []
    with pytest.raises(Destructive, match="sluice approve --env prod --for cloudformation"):
        signed(repository, [], asked)([PLAN])
    (deploy,) = asked
    assert (deploy.plans, deploy.authors) == ({PLAN.key: PLAN.digest}, ("writer@meridian.example",))


def test_a_later_commit_needs_another_approval(repository: Path, signer: CryptoSigner) -> None:
    given = sealed(approval(repository), signer)
    (repository / "tenants/claims/cloudformation/store.yaml").write_text("Resources: {A: {}}\n")
    with pytest.raises(DirtyTree):
        signed(repository, [given])([PLAN])
    commit(repository, "second@meridian.example")
    with pytest.raises(Destructive):
        signed(repository, [given])([PLAN])


def test_everybody_who_ever_touched_a_template_is_an_author(repository: Path, tmp_path_factory: Any) -> None:
    (repository / "tenants/claims/cloudformation/store.yaml").unlink()
    commit(repository, "remover@meridian.example")
    (repository / "other").write_text("x")
    commit(repository, "outsider@meridian.example")
    assert authors_of(repository, ["claims"]) == ("remover@meridian.example", "writer@meridian.example")
    shallow = tmp_path_factory.mktemp("shallow") / "clone"
    git(repository, "clone", "-q", "--depth", "1", f"file://{repository}", str(shallow))
    for root in (shallow, tmp_path_factory.mktemp("none")):
        with pytest.raises(UnknownRevision):
            authors_of(root, ["claims"])
