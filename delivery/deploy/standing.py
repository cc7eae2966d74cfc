"""What a deploy knows of stacks before it plans any: which need no plan, and what stands for theirs.

A stack goes unplanned only while all of this holds: its files, and those that it is made from, are those of the release
that runs and of every release begun since; its state, and the platform's, are those that the ledger's last deploy left;
the same Terraform plans; its plan is kept, and is the one that the ledger names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from delivery.deploy.candidate import Candidate
from delivery.deploy.difference import CannotTell, compared, differing
from delivery.deploy.place import Place
from delivery.deploy.standing_plans import StandingPlan, Standings
from delivery.deploy.states import marks
from delivery.ledger import Record
from delivery.release.bundle import Release
from delivery.terraform import terraform_version
from delivery.workspace import PLATFORM, StackId, rendered_stacks

READERS = 16
"""Kept plans read at one time."""


@dataclass(frozen=True)
class Standing:
    """What is known of an environment's stacks.

    Attributes:
        stacks: all of the release.
        marks: `{stack: mark of its state}`, read before anything was planned.
        terraform: version that plans now.
        untouched: stacks that need no plan, and what stands for theirs.
        why: why there are none; empty where there could be some.
    """

    stacks: tuple[StackId, ...]
    marks: Mapping[StackId, str]
    terraform: str
    untouched: Mapping[StackId, StandingPlan] = field(default_factory=dict)
    why: str = ""

    @property
    def touched(self) -> frozenset[StackId]:
        """Stacks that must be planned."""
        return frozenset(self.stacks) - self.untouched.keys()


Fetch = Callable[[str], Release]
"""Gives a release of the environment's store by its digest, once its content and signature hold."""


def standing(
    place: Place, made: Candidate, history: list[Record], fetch: Fetch, *, everything: bool = False
) -> Standing:
    """Return what is known of the stacks of a release that is to be deployed.

    Args:
        everything: trust nothing that is kept.
    """
    stacks = tuple(rendered_stacks(made.root, place.environment))
    now = marks(place.plans.client, made.root, stacks)
    version = terraform_version(place.variables)
    if everything:
        return Standing(stacks, now, version, why="every stack is planned, as asked")
    try:
        untouched = _untouched(place, made, history, fetch, stacks, now, version)
    except CannotTell as reason:
        return Standing(stacks, now, version, why=f"every stack is planned: {reason}")
    return Standing(stacks, now, version, untouched)


def _untouched(
    place: Place,
    made: Candidate,
    history: list[Record],
    fetch: Fetch,
    stacks: tuple[StackId, ...],
    now: Mapping[StackId, str],
    version: str,
) -> dict[StackId, StandingPlan]:
    record, releases = compared(history)
    listed = place.plans.get_list(record.standing) if record.standing else None
    if listed is None:
        raise CannotTell("the last deploy kept no plans, or their list is gone")
    _require_same_platform(place, listed, now)
    differ = differing(made.root, made.release, stacks, releases, fetch)
    return {
        stack: found
        for stack in stacks
        if (found := listed.get(str(stack)))
        and (found.state, found.terraform) == (now.get(stack), version)
        and stack not in differ
    }


def _require_same_platform(place: Place, listed: Standings, now: Mapping[StackId, str]) -> None:
    """Go on only if the platform was not applied since the last deploy ended: what tenants look up may be new then.

    Raises:
        CannotTell: it may have been.
    """
    platform = StackId(place.environment, PLATFORM)
    found = listed.get(str(platform))
    if found is None or not found.state or found.state != now.get(platform):
        raise CannotTell("the platform's state was written since the last deploy ended")


def kept_plans(place: Place, known: Standing, stacks: Collection[StackId]) -> dict[StackId, bytes]:
    """Return, compressed, the kept plans of `stacks`; without those that are gone or are not what the ledger names."""
    chosen = [stack for stack in stacks if stack in known.untouched]
    with ThreadPoolExecutor(READERS) as pool:
        found = pool.map(lambda stack: place.plans.get(known.untouched[stack].plan), chosen)
        return {stack: body for stack, body in zip(chosen, found, strict=True) if body is not None}
