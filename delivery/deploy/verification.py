"""Proof that what was deployed works: the pipelines of all tenants, run for the environment's probe date."""

from __future__ import annotations

from delivery.deploy.candidate import Candidate
from delivery.deploy.journal import Journal
from delivery.deploy.place import Hands, Place
from delivery.errors import DeliveryError
from delivery.smoke import SmokeResult
from delivery.workspace import PLATFORM, rendered_stacks


class VerificationFailed(DeliveryError):
    """The release is deployed, and its pipelines do not run."""

    exit_code = 1

    def __init__(self, environment: str, result: SmokeResult) -> None:
        broken = [f"{run.dag_id} {run.run_id}: {run.state}: {run.why}" for run in result.runs if run.state != "success"]
        super().__init__(
            f"{environment}: deployed, and its verification failed",
            why="\n            ".join(broken) or "no pipeline ran",
            fix=f"mend it and deploy again, or go back: sluice rollback --env {environment}",
        )


def verify(place: Place, made: Candidate, journal: Journal, hands: Hands) -> bool:
    """Run every tenant's pipeline and write down how it went; False where the environment asks for no proof.

    Raises:
        VerificationFailed: see there.
    """
    tenants = [stack.name for stack in rendered_stacks(made.root, place.environment) if stack.name != PLATFORM]
    if place.spec.delivery.probe_date is None or not tenants:
        hands.step(f"{place.environment}: nothing is verified: it has no probe date, or no tenant")
        return False
    hands.step(f"{place.environment}: running {len(tenants)} pipelines for {place.spec.delivery.probe_date}")
    with journal.failures("verification"):
        result = hands.smoke(place.spec, tenants, made.root)
        if not result.ok:
            raise VerificationFailed(place.environment, result)
    journal.verified("; ".join(f"{run.dag_id} {run.run_id}" for run in result.runs))
    return True
