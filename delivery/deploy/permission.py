"""Whether these very plans may be applied now: by whoever the environment names, or because it asks nobody."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from delivery.approval import ApprovalRefused, Deploy, approval_digest, check
from delivery.approval_store import Request
from delivery.cloudformation.summary import as_json
from delivery.deploy.batch import Batch
from delivery.deploy.candidate import Candidate, fetched
from delivery.deploy.place import Hands, Place
from delivery.envelope import SignatureRefused
from delivery.errors import DeliveryError
from delivery.git import people_between
from delivery.ledger import Record
from delivery.plan_markdown import summary_markdown
from delivery.plan_reading import keep_json, write_private
from delivery.trust import trusted_keys

KEPT = Path(".sluice/deploy")


class ApprovalNeeded(DeliveryError):
    """Nothing was applied, or nothing more: somebody must approve what the request names.

    Attributes:
        request: digest of what is to be approved.
        reasons: why an approval that is there does not do.
    """

    exit_code = 1

    def __init__(self, environment: str, request: Request, reasons: Sequence[str]) -> None:
        self.request, self.reasons = request.digest, tuple(reasons)
        count = len(request.deploy.plans)
        super().__init__(
            f"{environment}: {count} {'plan waits' if count == 1 else 'plans wait'} for approval: "
            f"{', '.join(request.deploy.plans)}",
            expected=f"an approval of request {request.digest[:16]} by somebody who may and is no author",
            why="\n            ".join(reasons),
            fix=f"read {KEPT}/{environment}/, then `sluice approve --env {environment} --by PERSON --key KEY`, "
            f"then `sluice deploy --env {environment}` again; in Jenkins, build main again",
        )


@dataclass(frozen=True)
class Permission:
    """What lets plans be applied: `plans` by digest, or any where the environment asks for no approval."""

    plans: dict[str, str]
    approver: str = ""
    approval: str = ""
    is_asked_for: bool = False

    def covers(self, batch: Batch) -> bool:
        """Tell whether every plan of `batch` that changes something is one that was approved, or needs no approval."""
        if self.is_asked_for:
            return batch.digests.items() <= self.plans.items()
        return not any(plan.destructive for plan in batch.templates)


def ask(place: Place, made: Candidate, batch: Batch, history: Sequence[Record], hands: Hands) -> Request:
    """Write down what would be applied, for whoever approves it: beside the ledger, and below .sluice/deploy/.

    Raises:
        UnknownRevision: Git cannot say who made the change.
    """
    deploy = Deploy(place.environment, made.digest, batch.digests, _authors(place, made, history))
    summaries = {str(stack): read.summary.as_json() for stack, read in batch.reads.items()}
    summaries |= as_json(batch.templates)
    request = Request(deploy, summaries, hands.now().isoformat(timespec="seconds"))
    forget(place)
    _keep(place.root / KEPT, request, batch)
    place.approvals.ask(request)
    return request


def forget(place: Place) -> None:
    """Remove from this machine what an earlier plan has left for approvers to read."""
    shutil.rmtree(place.root / KEPT / place.environment, ignore_errors=True)


def _keep(kept: Path, request: Request, batch: Batch) -> None:
    """Leave on this machine what an approver reads."""
    folder = kept / request.deploy.environment
    for read in batch.changing.values():
        keep_json(read, kept)
    later = {str(stack): f"{stack}: once the platform is applied" for stack in batch.waiting}
    _write(folder / "summary.json", request.summaries)
    write_private(folder / "summary.md", summary_markdown(request.summaries, failed=later))
    _write(folder / "request.json", {"digest": request.digest, **asdict(request)})


def permission(place: Place, request: Request, history: Sequence[Record], hands: Hands) -> Permission:
    """Return what lets exactly the plans of `request`, as they were found now, be applied.

    Raises:
        ApprovalNeeded: no approval covers them.
        KeyUnusable: no key is trusted to seal approvals.
    """
    trusted = trusted_keys(place.root, place.environment, "approval")
    reasons: list[str] = []
    for envelope in place.approvals.envelopes(request.deploy):
        try:
            given = check(
                envelope,
                request.deploy,
                trusted=trusted,
                approvers=place.spec.delivery.approvers,
                history=history,
                now=hands.now(),
            )
        except (ApprovalRefused, SignatureRefused) as error:
            reasons += _told(error, envelope, history)
        else:
            return Permission(dict(given.plans), given.approver, approval_digest(envelope), is_asked_for=True)
    raise ApprovalNeeded(place.environment, request, reasons)


def _told(error: ApprovalRefused | SignatureRefused, envelope: Any, history: Sequence[Record]) -> list[str]:
    """Return why an approval does not do; nothing of one that an earlier deploy has used, as it should."""
    if isinstance(error, SignatureRefused):
        return [f"{error.what}: {error.why}"]
    used = {record.approval for record in history}
    is_old = approval_digest(envelope) in used
    return ["the approval that is there was used by an earlier deploy"] if is_old else list(error.reasons)


def _authors(place: Place, made: Candidate, history: Sequence[Record]) -> tuple[str, ...]:
    """Return who made what is between the last other release that was deployed here and this one; all before any."""
    others = (item.release for item in reversed(history) if item.event == "deployed" and item.release != made.digest)
    before = next(others, "")
    first = fetched(place, before)[1].commit if before else ""
    return people_between(place.root, first, made.provenance.commit)


def _write(path: Path, document: Any) -> None:
    write_private(path, json.dumps(document, indent=1, sort_keys=True) + "\n")
