"""What a deploy works on and who helps it: the environment with its records, and what only the command line knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from delivery.approval_store import ApprovalStore, approvals_of
from delivery.deploy.standing_plans import StandingPlans, standing_plans_of
from delivery.ledger import Ledger, ledger_of
from delivery.plan_reading import ReadPlan
from delivery.release.store import ReleaseStore, store_of
from delivery.smoke import SmokeResult
from delivery.supervision import Interruption
from delivery.workspace import StackId
from generator.model import EnvironmentSpec
from generator.spec import load_environment


@dataclass(frozen=True)
class Place:
    """One environment and its records.

    Attributes:
        root: the checkout: pin, trusted keys and the environment's spec are read there, and nothing that is deployed.
        variables: of the process.
    """

    root: Path
    spec: EnvironmentSpec
    variables: Mapping[str, str]
    ledger: Ledger
    store: ReleaseStore
    approvals: ApprovalStore
    plans: StandingPlans

    @property
    def environment(self) -> str:
        return self.spec.environment


def place_of(root: Path, environment: str, variables: Mapping[str, str]) -> Place:
    """Return the environment as the checkout declares it, reached as its deploy role."""
    spec = load_environment(root, environment)
    records = ledger_of(spec, variables), store_of(spec, variables), approvals_of(spec, variables)
    return Place(root, spec, variables, *records, standing_plans_of(root, spec, variables))


class Watcher(Protocol):
    """Who is told what happens; `sluice.progress.StackProgress` says what each means."""

    def planning(self, stack: StackId) -> None: ...

    def planned(self, stack: StackId, text: str, *, counts: Mapping[str, int] | None = None) -> None: ...

    def applying(self, stack: StackId, changes: int) -> None: ...

    def applied(self, stack: StackId, text: str, *, counts: Mapping[str, int] | None = None) -> None: ...

    def __call__(self, stack: StackId, event: dict[str, Any]) -> None: ...


Gate = Callable[[Path, Mapping[StackId, ReadPlan], Mapping[StackId, bytes]], None]
"""Judges plans of one environment, from an unpacked release; raises where one may not be applied.

Beside them it gets the compressed essences of other stacks' plans, which only say whether tenants reach each other.
"""
Smoke = Callable[[EnvironmentSpec, Sequence[str], Path], SmokeResult]
"""Runs the pipelines of tenants, by name, as the release that is unpacked at the path has them."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Hands:
    """What a deploy does with others' help.

    Attributes:
        by: who or what deploys, for the ledger.
        step: told each step in one line.
        jobs: most stacks worked on at one time.
        now: the clock, UTC.
    """

    gate: Gate
    smoke: Smoke
    watcher: Watcher
    step: Callable[[str], object]
    by: str
    interruption: Interruption = field(default_factory=Interruption)
    jobs: int = 2
    now: Callable[[], datetime] = _now
