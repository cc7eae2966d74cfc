"""Where an environment asks for it, an approval names exactly what was decided, or nothing is destroyed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner

from delivery.approval import Approval, Deploy, sealed
from delivery.approval_store import ApprovalStore
from delivery.decommission.agreement import NotApproved, approved, store_name
from delivery.decommission.decision import Decision
from delivery.ledger import Record
from delivery.tagged import Clients
from generator.model import EnvironmentSpec
from generator.names import Names
from tests.delivery.decommission.tenant import Tenant

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
APPROVER, AUTHOR = "head@example.com", "ann@example.com"
RELEASE = "a" * 64


@pytest.fixture(scope="module")
def signer() -> CryptoSigner:
    return CryptoSigner(Ed25519PrivateKey.generate())


class Ground:
    """One tenant that waits for an approval."""

    def __init__(self, clients: Clients, spec: EnvironmentSpec, signer: CryptoSigner) -> None:
        self.tenant, self.signer = Tenant(spec, clients), signer
        bucket = Names(spec).bucket("ledger")
        self.store = ApprovalStore(clients("s3"), bucket, "prod", store_name(self.tenant.name))
        self.history: list[Record] = []

    def decide(self, days_later: int = 0) -> Decision:
        return self.tenant.decide(self.tenant.rules(days_later))

    def deploy(self, decision: Decision) -> Deploy:
        return Deploy("prod", RELEASE, {str(decision.stack): decision.digest}, (AUTHOR,))

    def ask(self, decision: Decision) -> tuple[str, str]:
        return approved(
            decision,
            self.deploy(decision),
            self.store,
            trusted=[self.signer.public_key],
            approvers=[APPROVER, AUTHOR],
            history=self.history,
            now=NOW,
        )

    def approve(self, approver: str = APPROVER, hours: int = 4) -> None:
        """Approve what waits, as `sluice approve` does."""
        deploy = self.store.request().deploy
        ends = NOW + timedelta(hours=hours)
        approval = Approval(
            deploy.environment,
            deploy.release,
            deploy.plans,
            deploy.authors,
            approver,
            NOW.isoformat(),
            ends.isoformat(),
        )
        self.store.put(sealed(approval, self.signer), deploy)


@pytest.fixture
def ground(clients: Clients, prod: EnvironmentSpec, signer: CryptoSigner) -> Ground:
    return Ground(clients, prod, signer)


def test_it_is_asked_for_and_then_given(ground: Ground) -> None:
    decision = ground.decide()
    with pytest.raises(NotApproved) as refused:
        ground.ask(decision)
    assert refused.value.exit_code == 1
    assert f"sluice approve --env prod --for decommission-{ground.tenant.name}" in refused.value.fix
    summary = ground.store.request().summaries[str(decision.stack)]
    assert summary["destroyed"] == ["aws_iam_role.job", "aws_ssm_parameter.this"]
    assert len(summary["kept"]) == 5

    ground.approve()
    approver, digest = ground.ask(ground.decide())
    assert (approver, len(digest)) == (APPROVER, 64)


def test_it_dies_with_what_was_decided(ground: Ground) -> None:
    with pytest.raises(NotApproved):
        ground.ask(ground.decide())
    ground.approve()
    with pytest.raises(NotApproved, match="another one now"):
        ground.ask(ground.decide(days_later=100))  # raw data may go by then: more would be destroyed
    ground.tenant.forget(["aws_ssm_parameter.this"])
    with pytest.raises(NotApproved, match="another one now"):
        ground.ask(ground.decide())


def test_data_that_arrives_where_it_is_kept_anyway_changes_nothing(ground: Ground, clients: Clients) -> None:
    with pytest.raises(NotApproved):
        ground.ask(ground.decide())
    ground.approve()
    clients("s3").put_object(Bucket=ground.tenant.names.bucket("landing"), Key="late", Body=b"x")
    assert ground.ask(ground.decide())[0] == APPROVER


@pytest.mark.parametrize(
    ("approver", "hours", "why"),
    [
        (AUTHOR, 4, "is an author"),
        ("bob@example.com", 4, "may not approve"),
        (APPROVER, -1, "expired"),
        (APPROVER, 25, "longer"),
    ],
)
def test_an_approval_that_does_not_do(ground: Ground, approver: str, hours: int, why: str) -> None:
    decision = ground.decide()
    with pytest.raises(NotApproved):
        ground.ask(decision)
    ground.approve(approver, hours)
    with pytest.raises(NotApproved, match=why):
        ground.ask(decision)


def test_it_is_used_once(ground: Ground) -> None:
    decision = ground.decide()
    with pytest.raises(NotApproved):
        ground.ask(decision)
    ground.approve()
    approver, digest = ground.ask(decision)
    record = Record("decommissioned", RELEASE, AUTHOR, NOW.isoformat(), approved_by=approver, approval=digest)
    ground.history = [record]
    with pytest.raises(NotApproved, match="used before"):
        ground.ask(decision)


def test_another_tenant_s_approval_does_not_do(ground: Ground, clients: Clients, prod: EnvironmentSpec) -> None:
    other = Ground(clients, prod, ground.signer)
    with pytest.raises(NotApproved):
        other.ask(other.decide())
    other.approve()
    (key,) = [
        item["Key"]
        for item in clients("s3").list_objects_v2(
            Bucket=Names(prod).bucket("ledger"), Prefix=f"approvals/prod/decommission-{other.tenant.name}/"
        )["Contents"]
        if item["Key"].endswith(".dsse.json")
    ]
    bucket = Names(prod).bucket("ledger")
    moved = key.replace(other.tenant.name, ground.tenant.name)
    clients("s3").copy_object(Bucket=bucket, Key=moved, CopySource={"Bucket": bucket, "Key": key})
    with pytest.raises(NotApproved, match="would change, and was not approved"):
        ground.ask(ground.decide())
