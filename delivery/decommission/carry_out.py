"""Doing what was decided and approved, in an order that the next run can finish wherever it was interrupted.

First it is written down what is kept; then that is marked and leaves the state; only then is anything destroyed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

from delivery.decommission.decision import Decision
from delivery.decommission.emptying import GoOn, destroy_bucket, empty
from delivery.decommission.evidence import FINISHED, STARTED, Evidence
from delivery.decommission.keeping import mark
from delivery.decommission.kept import Kept, Rules
from delivery.decommission.ownership import deletions
from delivery.decommission.terraform_steps import DestroyPlan
from delivery.decommission.warehouse import Warehouse
from delivery.errors import DeliveryError
from delivery.ledger import Ledger, LedgerMoved, Record
from delivery.tagged import ABSENT, Clients, Found, tagged
from generator.names import Names

KEY_WAITS_DAYS = 30
SETTLE_SECONDS = 60.0
POLL_SECONDS = 5.0
ATTEMPTS = 5
KEPT_BY_SERVICE = {"backup:recovery-point": "AWS Backup's locked vault keeps it and lets it expire"}
"""{type: why something that carries a tenant's tags is no orphan}."""


class Orphans(DeliveryError):
    """Something of the tenant is left that nobody decided to keep."""

    exit_code = 1

    def __init__(self, stack: str, found: Sequence[Found]) -> None:
        self.found = tuple(found)
        super().__init__(
            f"{stack}: {len(found)} left that no record keeps",
            why="\n            ".join(f"{item.arn} ({item.type})" for item in found),
            fix="find out who made them, or which template retained them; delete them once nobody needs what they "
            "hold, then run this again",
        )


class PlanMoved(DeliveryError):
    """After what is kept has left the state, the plan is not the rest of the one that was decided on."""

    exit_code = 1


@dataclass(frozen=True)
class Order:
    """Who decommissions, why, with which approval; `at` is ISO 8601, UTC."""

    by: str
    ticket: str
    at: str
    approved_by: str = ""
    approval: str = ""


class Stack(Protocol):
    """Terraform in one stack's run folder; `delivery.decommission.terraform_steps.Workshop` is it."""

    def plan(self) -> DestroyPlan: ...

    def forget(self, addresses: Sequence[str]) -> None: ...

    def apply(self, shown: DestroyPlan) -> int: ...


@dataclass(frozen=True)
class Site:
    """Where a decommission works.

    Attributes:
        say: told what is done, a line at a time.
        go_on: asked where the work can stop; raises when it is to.
    """

    names: Names
    clients: Clients
    workshop: Stack
    evidence: Evidence
    ledger: Ledger
    say: Callable[[str], None]
    go_on: GoOn
    settle_seconds: float = SETTLE_SECONDS
    warehouse: Warehouse | None = None


def carry_out(
    site: Site, decision: Decision, rules: Rules, order: Order, document: dict[str, Any], after: int
) -> dict[str, Any]:
    """Destroy what was decided, and return the evidence.

    Args:
        document: what the evidence says besides.
        after: number of the tenant's documents in the evidence.

    Raises:
        Orphans: everything was done, and something is left; the evidence names it.
        PlanMoved, DataStillKept, EvidenceMoved, TerraformFailed, Interrupted, ClientError: see there.
    """
    stack = str(decision.stack)
    kept = [asdict(item) for item in decision.kept]
    document = {
        **document,
        **asdict(order),
        "digest": decision.digest,
        "kept": kept,
        "destroyed": [{"address": address, "type": type_} for address, type_ in decision.destroyed],
        "removed": [asdict(item) for item in decision.removed],
        "warehouse": asdict(decision.schema) if decision.schema else None,
    }
    # until the removal is done, the newest record must still hold what is to be removed
    site.evidence.write({**document, "stage": STARTED, "kept": [*kept, *document["removed"]]}, after)
    _keep(site, decision, order)
    final = _rest(site, decision)
    if decision.schema and site.warehouse:
        site.say(f"warehouse: dropping schema {decision.schema.name}, {len(decision.schema.tables)} tables and views")
        site.warehouse.drop(decision.schema)
    for bucket in decision.emptied:
        site.say(f"emptying s3://{bucket}")
        site.say(f"s3://{bucket}: {empty(site.clients('s3'), bucket, rules, site.go_on)} versions deleted")
    if not final.planned.is_empty:
        site.say(f"{stack}: {site.workshop.apply(final)} resources destroyed")
    for item in decision.removed:
        site.say(f"destroying {item.arn}, which was kept until now")
        _remove(site, item, rules)
    found = _left(site, decision.kept)
    orphans = [item for item in found if _is_orphan(item, decision.kept)]
    ending = [{"arn": item.arn, "ends_at": item.ends_at} for item in found if item.ends_at]
    document |= {"stage": FINISHED, "ending": ending, "orphans": [item.arn for item in orphans]}
    site.say(f"evidence: {site.evidence.write(document, after + 1)}")
    if orphans:
        raise Orphans(stack, orphans)
    _record(site.ledger, decision, order, str(document["release"]))
    return document


def _keep(site: Site, decision: Decision, order: Order) -> None:
    for item in decision.kept:
        site.say(f"keeping {item.arn}: {item.why}")
        mark(site.clients, item, order.ticket)


def _rest(site: Site, decision: Decision) -> DestroyPlan:
    """Take what is kept out of the state and return the plan that destroys the rest, which is what was decided on."""
    if not decision.leaving:
        return decision.planned
    site.workshop.forget(decision.leaving)
    final = site.workshop.plan()
    expected = {address for address, _ in decision.destroyed}
    found = {item["address"] for item in deletions(str(decision.stack), final.document, site.names)}
    if found != expected:
        moved = ", ".join(sorted(found ^ expected))
        raise PlanMoved(
            f"{decision.stack}: the plan is another one now: {moved}",
            why="its state was changed since it was decided what to destroy; nothing was destroyed",
            fix="run the same command again: it decides anew",
        )
    return final


def _remove(site: Site, item: Kept, rules: Rules) -> None:
    """Destroy something that an earlier decommission kept; what is gone already stays gone."""
    kms = site.clients("kms")
    try:
        if item.bucket:
            destroy_bucket(site.clients("s3"), item.bucket, rules, site.go_on)
        elif item.is_key:
            if not kms.describe_key(KeyId=item.arn)["KeyMetadata"].get("DeletionDate"):
                kms.schedule_key_deletion(KeyId=item.arn.rpartition("/")[2], PendingWindowInDays=KEY_WAITS_DAYS)
        else:
            kms.delete_alias(AliasName=item.arn.split(":", 5)[5])
    except ClientError as error:
        if error.response["Error"]["Code"] not in ABSENT:
            raise


def _left(site: Site, kept: Sequence[Kept]) -> list[Found]:
    """Return what a search finds; it is asked again for a while, because AWS's tag search lags behind."""
    deadline = time.monotonic() + site.settle_seconds
    while True:
        found = tagged(site.clients, site.names)
        if not any(_is_orphan(item, kept) for item in found) or time.monotonic() >= deadline:
            return found
        site.say("something is still found; AWS's tag search may lag behind, looking again")
        time.sleep(POLL_SECONDS)


def _is_orphan(item: Found, kept: Sequence[Kept]) -> bool:
    return not item.ends_at and item.type not in KEPT_BY_SERVICE and item.arn not in {known.arn for known in kept}


def _record(ledger: Ledger, decision: Decision, order: Order, release: str) -> None:
    """Write the ledger's record; a deploy that writes at the same moment changes nothing about it."""
    record = Record(
        event="decommissioned",
        release=release,
        by=order.by,
        at=order.at,
        plans={str(decision.stack): decision.digest},
        approved_by=order.approved_by,
        approval=order.approval,
        note=f"{order.ticket}: {len(decision.destroyed)} destroyed, {len(decision.kept)} kept",
    )
    for attempt in range(1, ATTEMPTS + 1):
        try:
            ledger.append(record, ledger.history())
        except LedgerMoved:
            if attempt == ATTEMPTS:
                raise
        else:
            return
