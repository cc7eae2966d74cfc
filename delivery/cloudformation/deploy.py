"""The templates of an environment's tenants as they stand in one tree: what they want, and what would be done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from delivery.cloudformation import judging
from delivery.cloudformation.changes import StackPlan
from delivery.cloudformation.comparing import compare_stacks
from delivery.cloudformation.judging import PlanOf
from delivery.cloudformation.proposals import Wanted
from delivery.cloudformation.rollout import plan_stacks, told_plainly
from delivery.cloudformation.stacks import Stacks
from delivery.cloudformation.states import continue_rollback
from delivery.cloudformation.templates import wanted_by
from generator.model import EnvironmentSpec
from generator.spec.project import tenant_names


@dataclass(frozen=True)
class Templates:
    """The tenants' templates of one environment.

    Attributes:
        root: of the tree that they are taken from: the repository, or a release unpacked.
        tenant: only this one's; None for all.
        stacks: the account's, acting as the role that deploys.
        plan_of: the JSON of a tenant's Terraform plan of this tree; see `judging.require`.
    """

    root: Path
    spec: EnvironmentSpec
    stacks: Stacks
    plan_of: PlanOf
    tenant: str | None = None

    @property
    def tenants(self) -> tuple[str, ...]:
        """Whose stacks are looked for; a tenant that Git has no more must be named."""
        return (self.tenant,) if self.tenant else tuple(tenant_names(self.root))

    def wanted(self) -> list[Wanted]:
        """Return the stacks that Git wants, tenant by tenant."""
        return wanted_by(self.root, self.spec, self.tenants)

    def plan(self, *, rolls_back: bool = False) -> list[StackPlan]:
        """Return what would be done, change sets made; `apply_stacks` or `discard_plans` is to follow.

        Args:
            rolls_back: first have CloudFormation try again to roll back where that has failed.

        Raises:
            DeliveryError: the gate or cfn-lint refuses a template, or a stack cannot be planned.
        """
        wanted = self.wanted()
        if wanted:
            judging.lint(self.root, {item.path for item in wanted}, self.spec.region)
            judging.require(self.root, self.spec.environment, sorted({item.tenant for item in wanted}), self.plan_of)
        if rolls_back:
            for item in wanted:
                continue_rollback(self.stacks, item.name)
        return plan_stacks(self.stacks, self.spec.environment, wanted, tenants=self.tenants)

    def compare(self) -> list[StackPlan]:
        """Return what would be done as far as reading tells; needs no right to change anything, and no Terraform plan.

        Raises:
            DeliveryError: cfn-lint refuses a template, or a stack is stuck.
        """
        return compared(self.root, self.spec, self.stacks, self.tenants)


def compared(root: Path, spec: EnvironmentSpec, stacks: Stacks, tenants: Collection[str]) -> list[StackPlan]:
    """Return what would be done to the stacks of `tenants`, as far as reading tells.

    Raises:
        DeliveryError: cfn-lint refuses a template, or a stack is stuck.
    """
    wanted = wanted_by(root, spec, tenants)
    judging.lint(root, {item.path for item in wanted}, spec.region)
    return told_plainly(spec.environment, partial(compare_stacks, stacks, spec.environment, wanted, tenants=tenants))
