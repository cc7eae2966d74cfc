"""Who must agree before anything is destroyed: the environment's approvers, on exactly what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from securesystemslib.signer import Key

from delivery.approval import ApprovalRefused, Deploy, approval_digest, check
from delivery.approval_store import ApprovalStore, Request
from delivery.decommission.decision import Decision
from delivery.envelope import SignatureRefused
from delivery.errors import DeliveryError
from delivery.ledger import Record


class NotApproved(DeliveryError):
    """The environment asks for an approval, and none covers what would be done."""

    exit_code = 1


def store_name(tenant: str) -> str:
    """Return the name under which requests and approvals of a tenant's decommission lie."""
    return f"decommission-{tenant}"


def approved(
    decision: Decision,
    deploy: Deploy,
    store: ApprovalStore,
    *,
    trusted: Sequence[Key],
    approvers: Sequence[str],
    history: Sequence[Record],
    now: datetime,
) -> tuple[str, str]:
    """Return who approved the decision, and the digest of the approval; where nobody has, ask for it.

    Args:
        trusted: public keys of the approval step.
        approvers: who may approve in this environment.

    Raises:
        NotApproved: it was asked for; the message says why what is there does not do.
    """
    reasons = ["nobody has approved it"]
    for envelope in store.envelopes(deploy):
        try:
            approval = check(envelope, deploy, trusted=trusted, approvers=approvers, history=history, now=now)
        except (ApprovalRefused, SignatureRefused) as error:
            reasons = list(error.reasons) if isinstance(error, ApprovalRefused) else [str(error)]
        else:
            return approval.approver, approval_digest(envelope)
    store.ask(Request(deploy, {str(decision.stack): summary(decision)}, now.isoformat(timespec="seconds")))
    raise NotApproved(
        f"{decision.stack}: not decommissioned; one of {', '.join(approvers)} is asked to approve it",
        why="\n            ".join(reasons),
        fix=f"sluice approve --env {decision.stack.environment} --for {store_name(decision.stack.name)} --by PERSON "
        "--key KEY, then run the same command again",
    )


def summary(decision: Decision) -> Mapping[str, Any]:
    """Return what would be done as an approver reads it, for machines."""
    return {
        "digest": decision.digest,
        "destroyed": [address for address, _ in decision.destroyed],
        "emptied": list(decision.emptied),
        "removed": [item.arn for item in decision.removed],
        "schema": asdict(decision.schema) if decision.schema else None,
        "kept": [asdict(item) for item in decision.kept],
    }
