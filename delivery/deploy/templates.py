"""The tenants' CloudFormation stacks in a deploy: planned and judged with Terraform's, and changed after them.

Decides when change sets are made and that none is left behind; `delivery.cloudformation` knows what a state of a stack
allows. Templates are those of the unpacked release.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from delivery import aws
from delivery.cloudformation.approving import Destructive
from delivery.cloudformation.changes import StackPlan
from delivery.cloudformation.judging import lint
from delivery.cloudformation.proposals import Wanted
from delivery.cloudformation.rollout import apply_stacks, differing, discard_plans, plan_pending
from delivery.cloudformation.stacks import Stacks
from delivery.cloudformation.templates import folder, wanted_by
from delivery.deploy.batch import Batch
from delivery.deploy.candidate import Candidate
from delivery.deploy.journal import Journal
from delivery.deploy.place import Hands, Place
from delivery.errors import DeliveryError, Interrupted
from delivery.ledger import Record
from delivery.workspace import PLATFORM, StackId, rendered_stacks
from generator.spec import load_environment

SHOWN_AS_ROWS = ("planning", "executing its change set", "deleting the stack")
"""What a stack tells and the watcher has told already."""


class SameName(DeliveryError):
    """A template's stack has the name of a tenant, so that one's approval could be taken for the other's."""

    exit_code = 2


class StacksLeft(DeliveryError):
    """A CloudFormation stack could not be changed, so those after it were not tried."""

    def __init__(self, error: DeliveryError, not_tried: Sequence[StackPlan]) -> None:
        self.exit_code = error.exit_code
        names = ", ".join(plan.key for plan in not_tried)
        super().__init__(f"{error}" + (f"\nnot tried, because a stack before them failed: {names}" if names else ""))


class TenantStacks:
    """The CloudFormation stacks of an environment's tenants, as one deploy brings them to its release.

    What differs is found at once, by reading alone: one call where no template is and none was. Stacks of a tenant
    that the release has no more are left to `sluice decommission`.

    Raises:
        TemplateRefused, ForeignStack, CloudRefused, SameName: see there.
    """

    def __init__(self, place: Place, made: Candidate, journal: Journal, hands: Hands) -> None:
        self._place, self._root, self._journal, self._hands = place, made.root, journal, hands
        client = aws.client("cloudformation", place.spec, place.variables)
        self._stacks = Stacks(client, self._tell, sleep=self._sleep)
        self._open: list[StackPlan] = []
        names = [stack.name for stack in rendered_stacks(made.root, place.environment) if stack.name != PLATFORM]
        wanted = [self._dated(item) for item in _wanted(made, place.environment, names)]
        _require_other_names(wanted, {*names, PLATFORM})
        self._pending = differing(self._stacks, place.environment, wanted, tenants=names)

    @property
    def tenants(self) -> frozenset[str]:
        """Tenants of whom a template is to be judged, beside their Terraform plan."""
        return frozenset(item.tenant for item in self._pending.wanted)

    def judged(self, batch: Batch) -> Batch:
        """Have the gate judge what would change, and return `batch` with the change sets that nobody has executed yet.

        Raises:
            DeliveryError: the gate or cfn-lint refuses, or a stack cannot be planned; no change set is left.
        """
        self.discard()
        waits = bool(batch.waiting)
        if batch.changing or (self._pending.wanted and not waits):
            self._hands.gate(self._root, batch.judged, batch.beside)
        if waits:
            for tenant in sorted(self._pending.tenants):
                self._hands.step(f"{self._place.environment}/{tenant}: its CloudFormation stacks wait for it")
            return batch
        return replace(batch, templates=tuple(plan for plan in self._planned() if not plan.is_empty))

    def execute(self, batch: Batch) -> None:
        """Do exactly what the plans of `batch` say, one after another, deletions last.

        Raises:
            StacksLeft: one could not be done.
            Interrupted: CloudFormation ends by itself what it has begun.
        """
        plans = batch.templates
        for position, plan in enumerate(plans):
            self._go_on()
            try:
                self._execute(plan)
            except Interrupted:
                raise
            except DeliveryError as error:
                raise StacksLeft(error, plans[position + 1 :]) from error

    def discard(self) -> None:
        """Remove every change set that was made and not executed."""
        discard_plans(self._stacks, self._open)
        self._open = []

    def _planned(self) -> list[StackPlan]:
        pending, watcher = self._pending, self._hands.watcher
        if not pending.tenants:
            return []
        lint(self._root, {item.path for item in pending.wanted}, self._place.spec.region)
        for name in [*(item.name for item in pending.wanted), *(stack.name for stack, _ in pending.gone)]:
            watcher.planning(self._id(name))
        self._go_on()
        self._open = plan_pending(self._stacks, self._place.environment, pending)
        for plan in self._open:
            text = ", ".join(f"{count} to {action}" for action, count in sorted(plan.counts.items()))
            empty = "no changes" if plan.is_empty else "outputs or tags change"
            watcher.planned(self._id(plan.name), text or empty, counts=plan.counts)
        self._go_on()
        return self._open

    def _execute(self, plan: StackPlan) -> None:
        stack, watcher = self._id(plan.name), self._hands.watcher
        watcher.applying(stack, len(plan.changes))
        self._open.remove(plan)  # whoever executes it also removes it where that fails
        apply_stacks(self._stacks, [plan], _permitted)
        self._journal.applied[plan.key] = plan.digest
        done = plan.done
        text = f"{done['add']} added, {done['change']} changed, {done['remove']} removed"
        watcher.applied(stack, text, counts=done)

    def _dated(self, wanted: Wanted) -> Wanted:
        """Tell a stack that comes again from the one of its name that an earlier deploy had made."""
        return replace(wanted, since=_last_deployed(self._journal.history, f"{wanted.environment}/{wanted.name}"))

    def _id(self, name: str) -> StackId:
        return StackId(self._place.environment, name)

    def _tell(self, stack: str, what: str) -> None:
        if what not in SHOWN_AS_ROWS and not what.endswith("_COMPLETE"):
            self._hands.step(f"{self._id(stack)}: {what}")

    def _sleep(self, seconds: float) -> None:
        time.sleep(seconds)
        self._go_on()

    def _go_on(self) -> None:
        if self._hands.interruption.is_requested:
            raise Interrupted(
                f"{self._place.environment}: interrupted",
                why="what CloudFormation has begun it ends by itself; nothing else of it was done",
                fix="run the same command again: it waits for that, and goes on from what it finds",
            )


@contextmanager
def opened(place: Place, made: Candidate, journal: Journal, hands: Hands) -> Iterator[TenantStacks]:
    """Give the tenants' stacks; however the block ends, no change set of it is left."""
    stacks = TenantStacks(place, made, journal, hands)
    try:
        yield stacks
    finally:
        stacks.discard()


def require_nothing_lost(environment: str, batch: Batch) -> None:
    """Refuse what lets go of data where nobody is asked: there, whoever has read it says so by its digest.

    Raises:
        Destructive: see there.
    """
    lost = [plan for plan in batch.templates if plan.destructive]
    if lost:
        judged = [f"sluice plan --env {environment} --stack {name}" for name in sorted({plan.tenant for plan in lost})]
        ways = [
            f"sluice cloudformation apply --env {environment} --tenant {plan.tenant} --approve {plan.digest}"
            for plan in lost
        ]
        fix = ["change the template; or, if it may go, have it done and deploy again:", *judged, *ways]
        raise Destructive(lost, "\n            ".join(fix))


def _wanted(made: Candidate, environment: str, tenants: Sequence[str]) -> list[Wanted]:
    """Return the stacks that the release wants; its specs are read only where there is a template."""
    own = [name for name in tenants if (made.root / folder(name)).is_dir()]
    return wanted_by(made.root, load_environment(made.root, environment), own) if own else []


def _permitted(plans: Sequence[StackPlan]) -> None:
    """Let everything through: the deploy's one request was approved, or nothing of it loses data."""


def _last_deployed(history: Sequence[Record], key: str) -> str:
    """Return the number of the last record of a deploy that has done something to a stack; empty when there is none."""
    return str(max((item.sequence for item in history if item.event == "deployed" and key in item.plans), default=""))


def _require_other_names(wanted: Sequence[Wanted], names: set[str]) -> None:
    for item in wanted:
        if item.name in names:
            raise SameName(
                f"{item.path}: its stack would be called {item.name}, as a tenant is",
                fix="give the template another name",
            )
