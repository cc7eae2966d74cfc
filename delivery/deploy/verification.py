"""Proof that what was deployed works: pipelines run for the environment's probe date, and the ledger says which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from delivery.deploy.candidate import Candidate
from delivery.deploy.difference import SHOWN
from delivery.deploy.journal import Journal
from delivery.deploy.place import Hands, Place
from delivery.deploy.proof import Proof, proof
from delivery.errors import DeliveryError
from delivery.ledger import is_verified
from delivery.release.bundle import Release
from delivery.smoke import SmokeResult, SmokeRun


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


@dataclass(frozen=True)
class Verification:
    """How one deploy is proved.

    Attributes:
        fetch: gives a release by its digest, once its content and signature hold.
        everything: every pipeline runs, whatever an earlier verification says.
    """

    place: Place
    made: Candidate
    journal: Journal
    hands: Hands
    fetch: Callable[[str], Release]
    everything: bool = False

    @property
    def is_wanted(self) -> bool:
        """Whether there is something to prove although nothing was applied."""
        is_asked_for = self.place.spec.delivery.probe_date is not None
        return is_asked_for and (self.everything or not is_verified(self.journal.history, self.made.digest))

    def carry_out(self) -> bool:
        """Run the pipelines that must run and write down what is proved; False where the environment asks for no proof.

        Raises:
            VerificationFailed: see there.
        """
        environment, date = self.place.environment, self.place.spec.delivery.probe_date
        needed = proof(self.place, self.made, self.journal.history, self.fetch, everything=self.everything)
        if date is None or not needed.run + needed.rest:
            self.hands.step(f"{environment}: nothing is verified: it has no probe date, or no tenant")
            return False
        self.hands.step(f"{environment}: {_announced(needed, str(date))}")
        with self.journal.failures("verification"):
            runs = self._run(needed)
        sequence = needed.rests_on.sequence if needed.rests_on else 0
        self.journal.verified(_note(needed, runs), str(date), sequence)
        return True

    def _run(self, needed: Proof) -> tuple[SmokeRun, ...]:
        if not needed.run:
            return ()
        result = self.hands.smoke(self.place.spec, needed.run, self.made.root)
        if not result.ok:
            raise VerificationFailed(self.place.environment, result)
        return result.runs


def _announced(needed: Proof, date: str) -> str:
    """Say which pipelines run and why, or why not."""
    running = f"running {len(needed.run):,} of {len(needed.run + needed.rest):,} pipelines for {date}"
    return f"{running}: {_rest(needed) or needed.why}"


def _note(needed: Proof, runs: tuple[SmokeRun, ...]) -> str:
    """Say for the ledger what proves the tenants that did not run, and which runs prove the others."""
    ran = "; ".join(f"{run.dag_id} {run.run_id}" for run in runs) or "no pipeline ran"
    return f"{_rest(needed) or f'every pipeline ran ({needed.why})'}: {ran}"


def _rest(needed: Proof) -> str:
    last = needed.rests_on
    if last is None:
        return ""
    return f"{len(needed.rest):,} tenants are as record {last.sequence} (release {last.release[:SHOWN]}) verified them"
