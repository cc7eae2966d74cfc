"""Applying what was permitted: the platform, the tenants as they are planned once it stands, then their templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Execution:
    """One deploy's way from plans to what they say, and who is told and asked on it."""

    place: Place
    made: Candidate
    templates: TenantStacks
    journal: Journal
    keeping: Keeping
    hands: Hands

    def carry_out(self, batch: Batch) -> Batch:
        """Apply `batch`, and what its platform's apply makes of the tenants; return the plans that were applied last.

        Raises:
            ApprovalNeeded: of the batch, or of what remains once the platform is applied; nothing more was applied.
            Destructive: nobody approves here, and a CloudFormation stack would lose data; nothing more was applied.
            PlatformFailed, StacksFailed, StacksLeft: some apply failed; the ledger says so.
        """
        granted = self._granted(batch)
        self.journal.started(batch.digests, granted)
        rest = batch
        with self.journal.failures("apply"):
            if batch.platform:
                self._apply_platform(batch.platform, [*batch.tenants, *batch.waiting])
                rest = self.templates.judged(plan_tenants_again(self.place, self.made, self.hands, batch))
            is_covered = granted.covers(rest)
            if is_covered:
                self._apply_tenants(rest.tenants)
                self.templates.execute(rest)
        if is_covered:
            return rest
        environment = self.place.environment
        self.hands.step(f"{environment}: the platform is applied; what remains are other plans than those approved")
        return self.carry_out(rest)

    def _granted(self, batch: Batch) -> Permission:
        if not self.place.spec.delivery.approvers:
            require_nothing_lost(self.place.environment, batch)
            return Permission(batch.digests)
        request = ask(self.place, self.made, batch, self.journal.history, self.hands)
        granted = permission(self.place, request, self.journal.history, self.hands)
        self.hands.step(f"{self.place.environment}: approved by {granted.approver}")
        return granted

    def _apply_platform(self, platform: ReadPlan, after_it: list[StackId]) -> None:
        try:
            self._apply(platform)
        except DeliveryError as error:
            raise PlatformFailed(error, after_it) from error

    def _apply_tenants(self, tenants: Mapping[StackId, ReadPlan]) -> None:
        if not tenants:
            return
        walk(
            self.made.root,
            [self.place.environment],
            lambda stack: self._apply(tenants[stack]),
            only=list(tenants),
            jobs=self.hands.jobs,
        )

    def _apply(self, read: ReadPlan) -> None:
        """Apply exactly the plan file that was read, and keep what later deploys need of it."""
        stack, watcher = read.planned.stack, self.hands.watcher
        watcher.applying(stack, len(read.planned.changes))
        done = apply(self.made.root, read.planned, self.hands.interruption, self.place.variables, watcher)
        self.journal.applied[str(stack)] = read.digest
        self.keeping.applied(read)
        text = f"{done['add']} added, {done['change']} changed, {done['remove']} removed"
        watcher.applied(stack, text, counts=done)
