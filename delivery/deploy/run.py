"""One deploy, step by step: the pinned release, planned, judged, approved, applied, verified and written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from delivery.deploy.batch import Batch, plan_together
from delivery.deploy.candidate import Candidate, candidate, fetched
from delivery.deploy.choice import chosen
from delivery.deploy.execution import Execution
from delivery.deploy.journal import Journal
from delivery.deploy.keeping import Keeping
from delivery.deploy.permission import ask, forget
from delivery.deploy.place import Hands, Place
from delivery.deploy.settled import is_settled, mark
from delivery.deploy.standing import Standing, standing
from delivery.deploy.templates import opened
from delivery.deploy.verification import Verification
from delivery.freeze import check_freeze
from delivery.release.bundle import Release


@dataclass(frozen=True)
class Outcome:
    """How a deploy ended well.

    Attributes:
        state: planned, unneeded, unchanged, deployed or verified.
        request: digest of what waits for approval; empty where nothing does.
    """

    release: str
    state: str
    batch: Batch
    request: str = ""


def deploy(
    place: Place, hands: Hands, named: str = "", *, plan_only: bool = False, everything: bool = False
) -> Outcome:
    """Bring the environment to the release that Git pins for it, and prove that it works.

    Args:
        named: digest of the release, where the environment follows a branch, or to look at one before it is pinned.
        plan_only: plan, judge and ask for approval, and change nothing.
        everything: plan every stack and run every pipeline, whatever earlier deploys know of them.

    Raises:
        DeliveryError: which one says what was refused or failed; see the steps.
    """
    digest, pin = chosen(place.root, place.environment, named, plan_only=plan_only)
    journal = Journal(place.ledger, digest, hands.by, hands.now)
    _tell_interrupted(place, journal, hands)
    if not plan_only:
        check_freeze(place.spec, hands.now(), journal.history, digest)
    made = candidate(place, digest, pin)
    hands.step(f"{place.environment}: release {digest[:16]}, built from {made.provenance.commit[:12]}")
    fetch = cache(lambda digest: fetched(place, digest)[0])
    _tell_gone(place, made, journal, fetch, hands)
    with hands.interruption.listen(), opened(place, made, journal, hands) as templates:
        known = standing(place, made, journal.history, fetch, everything=everything)
        _tell_untouched(place, known, journal, hands)
        batch = templates.judged(plan_together(place, made, hands, known, templates.tenants))
        if plan_only:
            return _only_planned(place, made, batch, journal, hands)
        keeping = Keeping(place, made, known)
        execution = Execution(place, made, templates, journal, keeping, hands)
        last = batch if batch.is_empty else execution.carry_out(batch)
    is_new = not batch.is_empty or bool(journal.open) or journal.runs != made.digest
    if is_new:
        journal.deployed(keeping.ended(last.reads))
    verification = Verification(place, made, journal, hands, fetch, everything)
    if not is_new and not verification.is_wanted:
        return Outcome(digest, "unchanged", batch)
    return Outcome(digest, "verified" if verification.carry_out() else "deployed", batch)


def _only_planned(place: Place, made: Candidate, batch: Batch, journal: Journal, hands: Hands) -> Outcome:
    """Ask for approval of what was planned, where the environment wants one; an earlier request waits no more."""
    forget(place)
    request = ask(place, made, batch, journal.history, hands).digest if place.spec.delivery.approvers else ""
    if not batch.is_empty:
        return Outcome(made.digest, "planned", batch, request)
    if not is_settled(place, journal):
        return Outcome(made.digest, "planned", batch)
    mark(place, made.digest)
    return Outcome(made.digest, "unchanged" if journal.runs == made.digest else "unneeded", batch)


def _tell_interrupted(place: Place, journal: Journal, hands: Hands) -> None:
    for record in journal.open:
        hands.step(
            f"{place.environment}: a deploy of release {record.release[:16]} by {record.by} began at {record.at} "
            "and has not ended; what it left undone is planned now. Where its apply was killed, "
            f"`sluice recover --env {place.environment}` finds what no state knows"
        )


def _tell_untouched(place: Place, known: Standing, journal: Journal, hands: Hands) -> None:
    """Say how many stacks are not planned, or why every one is."""
    if known.why:
        hands.step(f"{place.environment}: {known.why}")
    elif known.untouched:
        hands.step(
            f"{place.environment}: {len(known.untouched)} of {len(known.stacks)} stacks are not planned: "
            f"nothing of them differs from release {journal.runs[:16]}, which runs"
        )


def _tell_gone(place: Place, made: Candidate, journal: Journal, fetch: Callable[[str], Release], hands: Hands) -> None:
    """Name stacks that the running release has and this one has not: they stay until somebody decommissions them."""
    if journal.runs in ("", made.digest) or not place.store.has(journal.runs):
        return
    for name in sorted(set(fetch(journal.runs).stacks) - set(made.release.stacks)):
        environment, _, tenant = name.partition("/")
        if environment == place.environment:
            hands.step(f"{name}: this release has it no more: sluice decommission {tenant} --env {environment}")
