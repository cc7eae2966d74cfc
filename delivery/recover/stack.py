"""Recovering one stack: its lock, then what a killed apply made and the state missed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery.errors import DeliveryError, StateLocked, StateNotWritten
from delivery.plan import plan, show_json
from delivery.recover import search, unwritten
from delivery.recover.confirm import Runner, confirm
from delivery.recover.importing import record
from delivery.recover.kinds import BY_HAND, NAMED, TAGGED, WRITTEN_OVER
from delivery.recover.match import Candidate, Doubt, creates, match, recorded
from delivery.supervision import Interruption
from delivery.terraform import FLAG
from delivery.workspace import StackId
from generator.model import EnvironmentSpec
from generator.names import Names

ROUNDS = 5
"""An import can make a name known by which something more is found; deeper chains than this there are none."""
Telling = Callable[[str], object]


class OtherLock(DeliveryError):
    """The lock that was to be broken is not the one that holds the state."""

    exit_code = 2


@dataclass(frozen=True)
class Recovery:
    """What was found of one stack.

    Attributes:
        missing: resources that exist and no state knows, in doubt about none of them.
        imported: whether they were recorded.
        doubts: what a person must look at.
        unsearched: `{type: where to look}` of what the plan would make and nothing can find.
    """

    stack: StackId
    missing: tuple[Candidate, ...] = ()
    imported: bool = False
    doubts: tuple[Doubt, ...] = ()
    unsearched: Mapping[str, str] | None = None

    @property
    def is_clean(self) -> bool:
        return not self.doubts and (self.imported or not self.missing)


@dataclass(frozen=True)
class Recoverer:
    """Recovers stacks of one environment.

    Attributes:
        cloud: clients of the environment's account.
        variables: environment of Terraform.
        tell: called with a line for each step.
    """

    root: Path
    spec: EnvironmentSpec
    cloud: search.Cloud
    variables: Mapping[str, str]
    interruption: Interruption
    tell: Telling = lambda line: None

    def recover(self, stack: StackId, *, imports: bool, unlock: str = "") -> Recovery:
        """Find what a killed apply left of `stack`; record it where `imports` says so.

        Args:
            unlock: id of the lock to break first; empty to respect every lock.

        Raises:
            StateLocked: somebody holds the lock, and it is not to be broken.
            StateNotWritten: an apply's state lies in a run folder of this checkout, and it is not to be recorded.
            OtherLock: another lock than `unlock` holds the state.
        """
        found: list[Candidate] = []
        runner, document = self._planned(stack, unlock, imports=imports)
        for _ in range(ROUNDS):
            candidates, doubts, is_all = self._search(stack, runner, document)
            found += candidates
            if not imports or not candidates:
                break
            record(runner, candidates, self.tell)
            if is_all:
                break
            runner, document = self._planned(stack)
        made = {item.address for item in found}
        left = {address: row for address, row in creates(document).items() if address not in made}
        return Recovery(stack, tuple(found), imports, tuple(doubts), _unsearched(left))

    def _planned(self, stack: StackId, unlock: str = "", *, imports: bool = False) -> tuple[Runner, dict[str, Any]]:
        """Return Terraform in the stack's run folder, and its plan, after what was asked to be done before it."""
        self.tell(f"{stack}: plan")
        folder = self.root / ".sluice" / "run" / stack.environment / stack.name / stack.rendered / "terraform"
        runner = Runner(self.root, stack, folder, self.variables, self.interruption)
        left: Path | None = None
        while True:
            try:
                if left:
                    unwritten.write(runner, left, self.tell)
                    left = None
                plan(self.root, stack, self.interruption, self.variables)
                return runner, json.loads(show_json(stack, folder, self.variables))
            except StateNotWritten as error:
                if not imports:
                    raise
                left = error.path
            except StateLocked as locked:
                self._break(runner, locked, unlock)
                unlock = ""

    def _break(self, runner: Runner, locked: StateLocked, unlock: str) -> None:
        """Break the lock `unlock` when it is the one that holds the state."""
        if not unlock:
            raise locked
        if unlock != locked.lock_id:
            raise OtherLock(f"{runner.stack}: lock {unlock!r} does not hold the state", why=str(locked)) from locked
        self.tell(f"{runner.stack}: break the lock {unlock} of {locked.who}, held since {locked.created}")
        runner.run("force-unlock", unlock, force=FLAG)

    def _search(
        self, stack: StackId, runner: Runner, document: Mapping[str, Any]
    ) -> tuple[list[Candidate], list[Doubt], bool]:
        """Return what exists and the plan would make again, what is in doubt, and whether all names were known."""
        planned, known, names = creates(document), recorded(document), Names(self.spec, stack.name)
        self.tell(f"{stack}: {len(planned)} to create; search the account for what exists already")
        made = [pair for pair in search.by_tags(self.cloud, names) if pair[0].removesuffix(":*") not in known.arns]
        existing = [search.describe(self.cloud, *pair) for pair in made]
        candidates, doubts = match(planned, [item for item in existing if not known.holds(item)])
        named, is_all = self._named(planned)
        candidates += named
        if not candidates:
            return [], doubts, is_all
        self.tell(f"{stack}: {len(candidates)} found; ask Terraform whether they are the ones")
        confirmed, refused = confirm(runner, candidates, search.identity(names))
        return confirmed, [*doubts, *refused], is_all

    def _named(self, planned: Mapping[str, Mapping[str, Any]]) -> tuple[list[Candidate], bool]:
        """Return what exists under the names in the plan, and whether the plan knows the names of all."""
        found, is_all = [], True
        for address, row in planned.items():
            if row["type"] not in NAMED:
                continue
            try:
                import_id = search.by_name(
                    self.cloud, row["type"], {"account_id": self.spec.account_id, **row["after"]}
                )
            except KeyError:
                is_all = False
                continue  # its name follows from something that is not made yet, or is imported in this round
            if import_id is not None:
                found.append(Candidate(address, row["type"], import_id, "by its name"))
        return found, is_all


def _unsearched(planned: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return `{type: where to look}` of what would be made and that no row of the tables can find."""
    types = {row["type"] for row in planned.values()} - {*TAGGED, *NAMED} - WRITTEN_OVER
    return {type_: BY_HAND.get(type_, "no row of delivery/recover/kinds.py knows this type") for type_ in sorted(types)}
