"""Which tenants' pipelines must run to prove a deploy: those of whom the last verification does not speak any more.

A verification speaks of every tenant of its release: it ran the pipeline, or it rests on an earlier verification. Of a
tenant it still speaks while nothing differs that the tenant is made from, and no deploy since has applied anything to
it or to the platform. What cannot be told, runs every pipeline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from delivery.deploy.candidate import Candidate
from delivery.deploy.difference import BROUGHT, SHOWN, CannotTell, differing, releases_from
from delivery.deploy.place import Place
from delivery.ledger import Record
from delivery.release.bundle import Release
from delivery.workspace import PLATFORM, rendered_stacks
from generator.model import EnvironmentSpec
from generator.names import Names


@dataclass(frozen=True)
class Proof:
    """What proves a deploy.

    Attributes:
        run: tenants whose pipelines must run.
        rest: the other tenants, of whom `rests_on` speaks still.
        rests_on: the verification that speaks of them; None where every pipeline must run.
        why: why every one must.
    """

    run: tuple[str, ...]
    rest: tuple[str, ...] = ()
    rests_on: Record | None = None
    why: str = ""


def proof(
    place: Place,
    made: Candidate,
    history: Sequence[Record],
    fetch: Callable[[str], Release],
    *,
    everything: bool = False,
) -> Proof:
    """Return what proves a release that was deployed.

    Args:
        history: the ledger, this deploy's records too.
        fetch: gives a release by its digest, once its content and signature hold.
        everything: rely on no earlier verification.
    """
    stacks = rendered_stacks(made.root, place.environment)
    tenants = tuple(stack.name for stack in stacks if stack.name != PLATFORM)
    if everything:
        return Proof(tenants, why="as asked")
    try:
        last = _last_verification(history, place.spec)
        differ = {
            stack.name for stack in differing(made.root, made.release, stacks, releases_from(history, last), fetch)
        }
    except CannotTell as reason:
        return Proof(tenants, why=str(reason))
    changed = differ | _applied(history[last.sequence :], place.spec, tenants)
    if PLATFORM in changed:
        return Proof(tenants, why=f"the platform is another one than release {last.release[:SHOWN]} was verified on")
    if changed >= set(tenants):
        return Proof(tenants, why=f"every tenant was changed since release {last.release[:SHOWN]} was verified")
    return Proof(
        tuple(name for name in tenants if name in changed),
        tuple(name for name in tenants if name not in changed),
        last,
    )


def _last_verification(history: Sequence[Record], spec: EnvironmentSpec) -> Record:
    """Return the newest verification.

    Raises:
        CannotTell: there is none, or it ran for another probe date than pipelines would run for now.
    """
    last = next((record for record in reversed(history) if record.event == "verified"), None)
    if last is None:
        raise CannotTell("no release was verified here yet")
    if last.probe_date != str(spec.delivery.probe_date):
        raise CannotTell(f"the last verification was for {last.probe_date or 'a probe date that it does not name'}")
    return last


def _applied(since: Sequence[Record], spec: EnvironmentSpec, tenants: Sequence[str]) -> set[str]:
    """Return whom plans have named that were, or may have been, applied: tenants, and the platform.

    A plan is of the stack that has the tenant's name, or of a CloudFormation stack, whose name begins as all names of
    its tenant's entities do. One of neither is of a tenant that the release has no more.
    """
    plans = {key.partition("/")[2] for record in since if record.event in BROUGHT for key in record.plans}
    prefixes = {tenant: Names(spec, tenant).entity("") for tenant in tenants}
    owned = {tenant for tenant, prefix in prefixes.items() if any(name.startswith(prefix) for name in plans)}
    return owned | plans & {PLATFORM, *tenants}
