"""Restore tests of production's databases, for `sluice drift`: what is overdue, what is known, what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from delivery.aws import PLAN_ROLE
from delivery.drift import Difference
from delivery.errors import DeliveryError
from delivery.plan_reading import ReadPlan, write_private
from delivery.restore_tests import RestoreTests, databases
from delivery.restored import RestoreRecord
from delivery.workspace import StackId
from generator.spec import load_environment
from policies.surroundings import is_production

EVIDENCE = "restore_tests.json"


class RestoreRecords:
    """What AWS Backup has recorded of the databases of some stacks; of environments without production data nothing.

    Attributes:
        errors: `{stack: why it cannot be told}`.
    """

    def __init__(self, variables: Mapping[str, str], *, read_only: bool) -> None:
        self._variables, self._role = variables, PLAN_ROLE if read_only else None
        self._now = datetime.now(UTC)
        self._found: dict[StackId, list[RestoreRecord]] = {}
        self.errors: dict[StackId, DeliveryError] = {}

    def read(self, root: Path, environments: Collection[str], plans: Mapping[StackId, ReadPlan]) -> None:
        """Ask for the databases that the plans have found in these environments.

        Args:
            root: tree of the release, or of the checkout.
        """
        for stack, plan in plans.items():
            held = databases(plan.document)
            if held and stack.environment in environments and is_production(stack.environment):
                spec = load_environment(root, stack.environment)
                try:
                    self._found[stack] = RestoreTests.of(spec, self._variables, self._role, self._now).read(held)
                except DeliveryError as error:
                    self.errors[stack] = error

    def beside(self, stack: StackId, differences: list[Difference]) -> list[Difference]:
        """Return a stack's differences, and before them what is overdue."""
        overdue = (record.difference(self._now) for record in self._found.get(stack, ()))
        return [*filter(None, overdue), *differences]

    @property
    def told(self) -> Iterator[str]:
        """A line about each database."""
        for stack, found in sorted(self._found.items()):
            for record in found:
                yield f"{stack}: {record.as_text()}"

    def keep(self, folder: Path) -> None:
        """Write the evidence: `{stack: [database]}` with each one's newest tests; what an earlier run kept is gone."""
        document = {str(stack): [record.as_json(self._now) for record in found] for stack, found in self._found.items()}
        (folder / EVIDENCE).unlink(missing_ok=True)
        if document:
            write_private(folder / EVIDENCE, json.dumps(document, indent=1, sort_keys=True) + "\n")
