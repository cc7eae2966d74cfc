"""What tenants' CloudFormation templates would change, for `sluice plan --out`: found by reading, nothing is made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from delivery import aws
from delivery.cloudformation.changes import StackPlan
from delivery.cloudformation.deploy import compared
from delivery.cloudformation.stacks import Stacks
from delivery.errors import DeliveryError
from delivery.walk import StacksFailed
from delivery.workspace import PLATFORM, StackId
from generator.spec import load_environment

TEMPLATES = "cloudformation"
"""Stands for the templates of an environment where they cannot be compared."""
PATIENCE_SECONDS = 600.0
"""How long a stack is waited for that somebody changes meanwhile."""


Look = Callable[[str, Stacks, Sequence[StackPlan], Sequence[str]], None]
"""(environment, its stacks, what would change in them, tenants): called after each environment was compared."""


def _nothing_more(environment: str, stacks: Stacks, plans: Sequence[StackPlan], tenants: Sequence[str]) -> None:
    """Look of who wants to know what would change, and no more."""


class ComparedTemplates:
    """The templates of some tenants, each environment's compared with its stacks.

    Attributes:
        plans: what would change.
        errors: `{<environment>/cloudformation: why its templates could not be compared}`.
    """

    def __init__(self, look: Look = _nothing_more) -> None:
        """Compare, and let `look` see the same stacks; what it cannot see counts as not compared."""
        self._look = look
        self.plans: list[StackPlan] = []
        self.errors: dict[StackId, DeliveryError] = {}

    def read(
        self, root: Path, stacks: Collection[StackId], variables: Mapping[str, str], *, read_only: bool = False
    ) -> None:
        """Compare the templates of the tenants among `stacks`, as the role that plans them."""
        tenants: dict[str, list[str]] = {}
        for stack in sorted(stacks):
            if stack.name != PLATFORM:
                tenants.setdefault(stack.environment, []).append(stack.name)
        for environment, names in tenants.items():
            spec = load_environment(root, environment)
            try:
                client = aws.client("cloudformation", spec, variables, aws.PLAN_ROLE if read_only else None)
                found = Stacks(client, patience_seconds=PATIENCE_SECONDS)
                plans = compared(root, spec, found, names)
                self.plans += plans
                self._look(environment, found, plans, names)
            except DeliveryError as error:
                self.errors[StackId(environment, TEMPLATES)] = error

    def require_whole(self) -> None:
        """Refuse to go on as if everything had been compared.

        Raises:
            StacksFailed: some environment's templates could not be.
        """
        if self.errors:
            raise StacksFailed(self.errors, [])
