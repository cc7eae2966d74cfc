"""Bring the stacks of an environment to what Git wants: plan all, have it approved, then execute what was read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from delivery.cloudformation.approving import Approves
from delivery.cloudformation.changes import StackPlan
from delivery.cloudformation.comparing import is_as_wanted
from delivery.cloudformation.deletions import orphans, plan_deletion
from delivery.cloudformation.execution import execute
from delivery.cloudformation.proposals import Wanted, discard, propose
from delivery.cloudformation.stacks import Stack, Stacks
from delivery.errors import DeliveryError

Result = TypeVar("Result")


class CloudRefused(DeliveryError):
    """CloudFormation answered a call with an error that no state of the stack explains."""


@dataclass(frozen=True)
class Pending:
    """Stacks that are to be planned.

    Attributes:
        wanted: those that Git wants.
        gone: (stack, tenant) of those whose template is gone from Git.
    """

    wanted: Sequence[Wanted] = ()
    gone: Sequence[tuple[Stack, str]] = ()

    @property
    def tenants(self) -> frozenset[str]:
        return frozenset({item.tenant for item in self.wanted} | {tenant for _, tenant in self.gone})


def differing(stacks: Stacks, environment: str, wanted: Iterable[Wanted], *, tenants: Collection[str]) -> Pending:
    """Return the stacks that are not, or not surely, as Git wants them; found by reading alone.

    Where nothing is wanted, and nothing was ever made, it is one call.

    Args:
        tenants: those that Git holds; stacks of others are left alone.

    Raises:
        ForeignStack, CloudRefused: see there.
    """

    def look() -> Pending:
        found = {stack.name: stack for stack in stacks.all()}
        left = [item for item in items if not is_as_wanted(stacks, found.get(item.name), item)]
        return Pending(left, orphans(found.values(), environment, {item.name for item in items}, tenants))

    items = list(wanted)
    return told_plainly(environment, look)


def plan_stacks(
    stacks: Stacks, environment: str, wanted: Iterable[Wanted], *, tenants: Collection[str]
) -> list[StackPlan]:
    """Return what would be done to every stack, and leave the change sets that would do it.

    Args:
        tenants: look for stacks without a template among theirs.

    Raises:
        DeliveryError: one cannot be planned; then no change set is left.
    """
    items = list(wanted)
    names = {item.name for item in items}
    gone = told_plainly(environment, lambda: orphans(stacks.all(), environment, names, tenants))
    return plan_pending(stacks, environment, Pending(items, gone))


def plan_pending(stacks: Stacks, environment: str, pending: Pending) -> list[StackPlan]:
    """Return what would be done to the stacks, deletions last, and leave the change sets that would do it.

    Raises:
        DeliveryError: one cannot be planned; then no change set is left.
    """
    plans: list[StackPlan] = []
    try:
        for item in pending.wanted:
            stacks.listener(item.name, "planning")
            plans.append(propose(stacks, item))
        for stack, owner in pending.gone:
            plans.append(plan_deletion(stacks, environment, owner, stack))
    except (ClientError, BotoCoreError) as error:
        discard_plans(stacks, plans)
        raise refused(environment, error) from error
    except BaseException:
        discard_plans(stacks, plans)
        raise
    return plans


def plan_one(stacks: Stacks, wanted: Wanted) -> StackPlan:
    """Return what would be done to one stack; nothing is looked for beside it.

    Raises:
        DeliveryError: it cannot be planned; then no change set is left.
    """
    return told_plainly(wanted.name, partial(propose, stacks, wanted))


def told_plainly(where: str, look: Callable[[], Result]) -> Result:
    """Return what `look` gives.

    Raises:
        CloudRefused: AWS answered it with an error.
    """
    try:
        return look()
    except (ClientError, BotoCoreError) as error:
        raise refused(where, error) from error


def apply_stacks(stacks: Stacks, plans: Sequence[StackPlan], approves: Approves) -> list[StackPlan]:
    """Execute exactly `plans`, one stack after another, and return those that changed something.

    Nothing is executed unless everything that destroys is approved. Deletions come last: what they let go of may have
    a successor among the others.

    Raises:
        DeliveryError: not approved, or CloudFormation could not do it; no change set is left of what was not executed.
    """
    left = [plan for plan in plans if not plan.is_empty]
    done: list[StackPlan] = []
    try:
        if destructive := [plan for plan in left if plan.destructive]:
            approves(destructive)
        for plan in list(left):
            execute(stacks, plan)
            left.remove(plan)
            done.append(plan)
    except (ClientError, BotoCoreError) as error:
        raise refused(left[0].key, error) from error
    finally:
        discard_plans(stacks, left)
    return done


def discard_plans(stacks: Stacks, plans: Iterable[StackPlan]) -> None:
    """Remove the change sets of plans that nobody will execute; the next run removes what could not be removed now."""
    for plan in (plan for plan in plans if plan.change_set):
        with suppress(ClientError, BotoCoreError):
            discard(stacks, plan)


@contextmanager
def reviewed(stacks: Stacks, plans: Sequence[StackPlan]) -> Iterator[None]:
    """Remove the change sets of `plans` where the block, in which somebody reads them, does not end well."""
    try:
        yield
    except BaseException:
        discard_plans(stacks, plans)
        raise


def refused(where: str, error: Exception) -> CloudRefused:
    """Return what an answer of AWS means to whoever runs this."""
    return CloudRefused(
        f"{where}: CloudFormation refused a call",
        why=str(error),
        fix="the answer names the call and the role; what was done before it stays done: run this again",
    )
