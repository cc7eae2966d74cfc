"""Approvals: somebody who is not the author lets these very plans of this very release change this environment.

An approval is a sealed statement. It dies with what it names: another plan, state, release, environment or Terraform
has another digest. It is used once, since the ledger names the approvals that were used, and it expires.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from securesystemslib.signer import Key, Signer

from delivery.envelope import SignatureRefused, seal, unseal
from delivery.errors import DeliveryError
from delivery.ledger import Record

PAYLOAD_TYPE = "application/vnd.sluice.approval.v1+json"
LONGEST = timedelta(hours=24)
APPLIED = ("deployed", "decommissioned")
"""Events whose plans were applied to their end; of other events' plans some were not."""


class ApprovalRefused(DeliveryError):
    """An approval does not cover what is about to be applied; the message names every reason."""

    exit_code = 1

    def __init__(self, environment: str, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(
            f"{environment}: the approval does not cover this deploy",
            why="\n            ".join(reasons),
            fix="read the plans as they are now, and approve those",
        )


@dataclass(frozen=True)
class Approval:
    """What was approved.

    Attributes:
        environment: whose stacks may change.
        release: digest of the release that is deployed, hexadecimal.
        plans: `{<environment>/<stack>: digest of its plan}`; every stack that changes.
        authors: who made the change; none of them can approve it.
        approver: who read the plans.
        approved_at, expires_at: ISO 8601 with an offset; at most 24 hours apart.
    """

    environment: str
    release: str
    plans: Mapping[str, str]
    authors: tuple[str, ...]
    approver: str
    approved_at: str
    expires_at: str


@dataclass(frozen=True)
class Deploy:
    """What is about to be applied, as found out at that moment and not as anybody said."""

    environment: str
    release: str
    plans: Mapping[str, str]
    authors: tuple[str, ...]


def sealed(approval: Approval, signer: Signer) -> dict[str, Any]:
    """Return the approval in an envelope sealed by the key that only Jenkins' approval step may use."""
    return seal(asdict(approval), PAYLOAD_TYPE, signer)


def approval_digest(envelope: Any) -> str:
    """Return the SHA-256 of the sealed statement, whoever sealed it and however often: what a record uses up.

    Raises:
        SignatureRefused: it is no envelope.
    """
    try:
        return hashlib.sha256(base64.b64decode(envelope["payload"], validate=True)).hexdigest()
    except (KeyError, TypeError, ValueError) as error:
        raise SignatureRefused("the approval is no DSSE envelope", why=repr(error)) from error


def check(
    envelope: Any,
    deploy: Deploy,
    *,
    trusted: Sequence[Key],
    approvers: Sequence[str],
    history: Sequence[Record],
    now: datetime,
) -> Approval:
    """Return the approval in `envelope` if it covers `deploy`.

    Args:
        trusted: public keys of the approval step.
        approvers: who may approve for this environment.
        history: the environment's ledger.
        now: the moment of the apply, with an offset.

    Raises:
        SignatureRefused: nobody trusted sealed it.
        ApprovalRefused: it covers something else, or does so no longer.
    """
    approval = _read(unseal(envelope, PAYLOAD_TYPE, trusted))
    reasons = [
        *_about_what(approval, deploy),
        *_about_whom(approval, deploy, approvers),
        *_about_when(approval, now),
        *_about_use(approval, approval_digest(envelope), history),
    ]
    if reasons:
        raise ApprovalRefused(deploy.environment, reasons)
    return approval


def require_person(approval: Approval, approvers: Sequence[str]) -> None:
    """Refuse an approval that its approver may not give; anything else about it is checked when it is used.

    Raises:
        ApprovalRefused: see there.
    """
    deploy = Deploy(approval.environment, approval.release, approval.plans, approval.authors)
    reasons = _about_whom(approval, deploy, approvers)
    if reasons:
        raise ApprovalRefused(approval.environment, reasons)


def _read(data: Mapping[str, Any]) -> Approval:
    try:
        return msgspec.convert(data, Approval)
    except msgspec.ValidationError as error:
        raise SignatureRefused("the sealed statement is no approval", why=str(error)) from error


def _about_what(approval: Approval, deploy: Deploy) -> list[str]:
    reasons = []
    if approval.environment != deploy.environment:
        reasons.append(f"it is for environment {approval.environment!r}")
    if approval.release != deploy.release:
        reasons.append(f"it is for release {approval.release[:16]}, not {deploy.release[:16]}")
    for stack in sorted(approval.plans.keys() | deploy.plans.keys()):
        approved, found = approval.plans.get(stack), deploy.plans.get(stack)
        if approved is None:
            reasons.append(f"{stack} would change, and was not approved")
        elif found is None:
            reasons.append(f"{stack} was approved, and has no plan now")
        elif approved != found:
            reasons.append(f"{stack}: the plan is another one now: its state, its inputs or Terraform has changed")
    if not approval.plans:
        reasons.append("it names no plan")
    return reasons


def _about_whom(approval: Approval, deploy: Deploy, approvers: Sequence[str]) -> list[str]:
    reasons = []
    approver = _person(approval.approver)
    if approver not in {_person(name) for name in approvers}:
        reasons.append(f"{approval.approver!r} may not approve for {deploy.environment}")
    if approver in {_person(name) for name in (*approval.authors, *deploy.authors)}:
        reasons.append(f"{approval.approver!r} is an author of the change")
    if not deploy.authors:
        reasons.append("nobody is known as the author, so that nobody is known to be another person")
    return reasons


def _person(name: str) -> str:
    """Return a name as persons are compared: `Ann <Ann@Example.com>` is ann@example.com."""
    return name.rsplit("<", 1)[-1].rstrip("> ").strip().casefold()


def _about_when(approval: Approval, now: datetime) -> list[str]:
    try:
        begin, end = datetime.fromisoformat(approval.approved_at), datetime.fromisoformat(approval.expires_at)
        reasons = []
        if end - begin > LONGEST:
            reasons.append(f"it is valid for {end - begin}, longer than {LONGEST}")
        if begin > now:
            reasons.append(f"it was given in the future, {approval.approved_at}")
        if now >= end:
            reasons.append(f"it expired at {approval.expires_at}")
    except (ValueError, TypeError):  # no time, or one without an offset, which cannot be compared
        return [f"its times {approval.approved_at!r} and {approval.expires_at!r} say no moment"]
    return reasons


def _about_use(approval: Approval, digest: str, history: Sequence[Record]) -> list[str]:
    """A failed deploy uses its approval up as a whole one does; what it left undone can be approved again."""
    reasons = ["it was used before"] if digest in {record.approval for record in history} else []
    applied = {plan for record in history if record.event in APPLIED for plan in record.plans.values()}
    replayed = sorted(stack for stack, plan in approval.plans.items() if plan in applied)
    return reasons + [f"{stack}: this plan was applied before" for stack in replayed]
