"""Giving an approval: of the request that waits, by somebody who may, for as long as the environment lets it hold.

What is refused here is refused again by the deploy, which believes nothing of this; here people hear of it at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from securesystemslib.signer import Signer

from delivery.approval import Approval, check, require_person, sealed
from delivery.approval_store import DEPLOY, ApprovalStore, NothingRequested, Request
from delivery.deploy.permission import KEPT
from delivery.trust import trusted_keys
from generator.model import EnvironmentSpec


def waiting(root: Path, store: ApprovalStore, read: str = "") -> Request | None:
    """Return the request that waits; None where nothing does, and nobody says to have read anything.

    Raises:
        NothingRequested: something else waits than was read, or nothing any more.
    """
    try:
        request = store.request()
    except NothingRequested:
        if read:
            raise
        return None
    _require_read(root, store.name, request, read)
    return request if request.deploy.plans else None


def approve(
    root: Path,
    spec: EnvironmentSpec,
    store: ApprovalStore,
    person: str,
    signer: Callable[[], Signer],
    *,
    read: str = "",
    dry_run: bool = False,
) -> Approval:
    """Seal and keep an approval of the request that waits, and return it.

    Args:
        signer: returns the key that only the approval step may use; not called in a dry run.
        read: digest of the request that was read, or its beginning; that of this checkout unless given, if it has one.

    Raises:
        NothingRequested: nothing waits, or something else than was read; see `waiting`.
        ApprovalRefused: the person may not approve it.
        SignatureRefused: no deploy would believe the key.
    """
    request = waiting(root, store, read)
    if request is None:
        raise NothingRequested(f"{spec.environment}: nothing waits for an approval")
    now = datetime.now(UTC)
    given = Approval(
        request.deploy.environment,
        request.deploy.release,
        request.deploy.plans,
        request.deploy.authors,
        person,
        now.isoformat(),
        (now + timedelta(hours=spec.delivery.approval_hours)).isoformat(),
    )
    require_person(given, spec.delivery.approvers)
    if not dry_run:
        envelope = sealed(given, signer())
        trusted = trusted_keys(root, spec.environment, "approval")
        check(envelope, request.deploy, trusted=trusted, approvers=spec.delivery.approvers, history=(), now=now)
        store.put(envelope, request.deploy)
    return given


def _require_read(root: Path, name: str, request: Request, read: str) -> None:
    """Refuse a request that is not the one that somebody has read."""
    environment = request.deploy.environment
    note = root / KEPT / environment / "request.json"
    if not read and name == DEPLOY and note.is_file():
        read = json.loads(note.read_text("utf-8"))["digest"]
    if not request.digest.startswith(read):
        raise NothingRequested(
            f"{environment}: request {request.digest[:16]} waits, and {read[:16]} was read",
            why="plans were made again since",
            fix=f"read those that wait: sluice deploy --env {environment} --plan-only",
        )
