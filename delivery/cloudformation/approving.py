"""What lets a change set that replaces or deletes data through: an approval of exactly its digest, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from delivery.approval import Approval, ApprovalRefused, Deploy, check
from delivery.cloudformation.authors import authors_of
from delivery.cloudformation.changes import StackPlan
from delivery.envelope import SignatureRefused
from delivery.errors import DeliveryError
from delivery.git import clean_commit
from delivery.ledger import Record
from delivery.trust import trusted_keys
from generator.model import EnvironmentSpec

REQUEST = "cloudformation"
"""Name under which an approval is asked for, beside that of a deploy."""
Approves = Callable[[Sequence[StackPlan]], None]
"""Given every plan that destroys; raises a DeliveryError unless all of them are approved."""


class Destructive(DeliveryError):
    """A change set replaces or deletes what holds data, and nobody has approved it."""

    exit_code = 1

    def __init__(self, plans: Sequence[StackPlan], fix: str) -> None:
        self.plans = tuple(plans)
        lines = [
            f"{change.action} {change.logical_id} ({' '.join(filter(None, (change.type, change.physical_id)))})"
            for plan in plans
            for change in plan.destructive
        ]
        super().__init__(
            f"{', '.join(plan.key for plan in plans)}: lets go of what holds data, and is not approved",
            why="\n            ".join(lines),
            fix=fix,
        )


def nothing(plans: Sequence[StackPlan]) -> None:
    """Approve nothing.

    Raises:
        Destructive: always.
    """
    raise Destructive(plans, "change the template so that it keeps them")


def by_digest(digests: Collection[str]) -> Approves:
    """Return the approval of an environment without approvers: whoever has read a plan names its digest."""

    def approve(plans: Sequence[StackPlan]) -> None:
        refused = [plan for plan in plans if plan.digest not in digests]
        if refused:
            named = " ".join(f"--approve {plan.digest}" for plan in refused)
            raise Destructive(refused, f"read what is lost; if it may be: {named}")

    return approve


@dataclass(frozen=True)
class Signed:
    """The approval of an environment with approvers: sealed, for exactly these plans, by somebody who wrote none.

    What is approved is named by the commit that holds the templates, in the place of a release.

    Attributes:
        envelopes: gives the approvals that may be of a deploy.
        history: gives the environment's ledger.
        ask: told what is to be approved, when nothing approves it yet.
    """

    root: Path
    spec: EnvironmentSpec
    envelopes: Callable[[Deploy], Iterable[Any]]
    history: Callable[[], Sequence[Record]]
    ask: Callable[[Deploy, Sequence[StackPlan]], None]

    def __call__(self, plans: Sequence[StackPlan]) -> None:
        """Approve `plans`, which are all that destroy.

        Raises:
            Destructive: no approval is there, or none of them covers exactly these plans.
        """
        deploy = Deploy(
            environment=self.spec.environment,
            release=clean_commit(self.root),
            plans={plan.key: plan.digest for plan in plans},
            authors=authors_of(self.root, {plan.tenant for plan in plans}),
        )
        reason: DeliveryError | None = None
        for envelope in self.envelopes(deploy):
            try:
                self._check(envelope, deploy)
            except (ApprovalRefused, SignatureRefused) as refused:
                reason = refused
            else:
                return
        self.ask(deploy, plans)
        how = f"sluice approve --env {self.spec.environment} --for {REQUEST} --by PERSON --key KEY, then run this again"
        raise Destructive(plans, f"{how}{f'; an approval is there: {reason.why}' if reason else ''}") from reason

    def _check(self, envelope: Any, deploy: Deploy) -> Approval:
        return check(
            envelope,
            deploy,
            trusted=trusted_keys(self.root, self.spec.environment, "approval"),
            approvers=self.spec.delivery.approvers,
            history=self.history(),
            now=datetime.now(UTC),
        )
