"""Applying what was permitted: the platform, the tenants as they are planned once it stands, then their templates."""

from __future__ import annotations

from delivery.deploy.batch import Batch, plan_tenants_again
from delivery.deploy.candidate import Candidate
from delivery.deploy.journal import Journal
from delivery.deploy.keeping import Keeping
from delivery.deploy.permission import Permission, ask, permission
from delivery.deploy.place import Hands, Place
from delivery.deploy.templates import TenantStacks, require_nothing_lost
from delivery.errors import DeliveryError
from delivery.plan import apply
from delivery.plan_reading import ReadPlan
from delivery.walk import walk
from delivery.workspace import StackId


class PlatformFailed(DeliveryError):
    """The platform could not be applied, so no tenant was tried."""

    def __init__(self, error: DeliveryError, not_tried: list[StackId]) -> None:
        self.exit_code = error.exit_code
        names = ", ".join(map(str, not_tried))
        super().__init__(f"{error}" + (f"\nnot tried, because the platform failed: {names}" if names else ""))


def carry_out(
    place: Place,
    made: Candidate,
    batch: Batch,
    templates: TenantStacks,
    journal: Journal,
    keeping: Keeping,
    hands: Hands,
) -> Batch:
    """Apply `batch`, and what its platform's apply makes of the tenants; return the plans that were applied last.

    Raises:
        ApprovalNeeded: of the batch, or of what remains once the platform is applied; nothing more was applied.
        Destructive: nobody approves here, and a CloudFormation stack would let go of data; nothing more was applied.
        PlatformFailed, StacksFailed, StacksLeft: some apply failed; the ledger says so.
    """
    granted = _granted(place, made, batch, journal, hands)
    journal.started(batch.digests, granted)
    rest = batch
    with journal.failures("apply"):
        if batch.platform:
            _apply_platform(place, made, batch, journal, keeping, hands)
            rest = templates.judged(plan_tenants_again(place, made, hands, batch))
        is_covered = granted.covers(rest)
        if is_covered:
            _apply_tenants(place, made, rest, journal, keeping, hands)
            templates.execute(rest)
    if not is_covered:
        hands.step(f"{place.environment}: the platform is applied; what remains are other plans than those approved")
        return carry_out(place, made, rest, templates, journal, keeping, hands)
    return rest


def _granted(place: Place, made: Candidate, batch: Batch, journal: Journal, hands: Hands) -> Permission:
    if not place.spec.delivery.approvers:
        require_nothing_lost(place.environment, batch)
        return Permission(batch.digests)
    request = ask(place, made, batch, journal.history, hands)
    granted = permission(place, request, journal.history, hands)
    hands.step(f"{place.environment}: approved by {granted.approver}")
    return granted


def _apply_platform(
    place: Place, made: Candidate, batch: Batch, journal: Journal, keeping: Keeping, hands: Hands
) -> None:
    platform = batch.platform
    assert platform is not None
    try:
        _apply(place, made, platform, journal, keeping, hands)
    except DeliveryError as error:
        raise PlatformFailed(error, [*batch.tenants, *batch.waiting]) from error


def _apply_tenants(
    place: Place, made: Candidate, batch: Batch, journal: Journal, keeping: Keeping, hands: Hands
) -> None:
    tenants = batch.tenants
    if not tenants:
        return
    walk(
        made.root,
        [place.environment],
        lambda stack: _apply(place, made, tenants[stack], journal, keeping, hands),
        only=list(tenants),
        jobs=hands.jobs,
    )


def _apply(place: Place, made: Candidate, read: ReadPlan, journal: Journal, keeping: Keeping, hands: Hands) -> None:
    """Apply exactly the plan file that was read, and keep what later deploys need of it."""
    stack = read.planned.stack
    hands.watcher.applying(stack, len(read.planned.changes))
    done = apply(made.root, read.planned, hands.interruption, place.variables, hands.watcher)
    journal.applied[str(stack)] = read.digest
    keeping.applied(read)
    text = f"{done['add']} added, {done['change']} changed, {done['remove']} removed"
    hands.watcher.applied(stack, text, counts=done)
