"""The templates of an environment's tenants as one step of a deploy: judged, planned, approved, executed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from delivery.cloudformation import judging
from delivery.cloudformation.approving import Approves
from delivery.cloudformation.changes import StackPlan
from delivery.cloudformation.comparing import compare_stacks
from delivery.cloudformation.judging import PlanOf
from delivery.cloudformation.proposals import Wanted
from delivery.cloudformation.rollout import apply_stacks, plan_stacks, told_plainly
from delivery.cloudformation.stacks import Stacks
from delivery.cloudformation.states import continue_rollback
from delivery.cloudformation.templates import wanted_stacks
from generator.model import EnvironmentSpec
from generator.spec import load_tenant
from generator.spec.project import tenant_names
from policies.surroundings import Surroundings


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

    def wanted(self) -> list[Wanted]:
        """Return the stacks that Git wants, tenant by tenant."""
        surroundings = Surroundings(self.root, datetime.now(UTC).date())
        names = [self.tenant] if self.tenant else _with_templates(self.root)
        return [
            item
            for name in names
            for item in wanted_stacks(self.root, self.spec, load_tenant(self.root, name), surroundings)
        ]

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
        return plan_stacks(self.stacks, self.spec.environment, wanted, tenant=self.tenant)

    def compare(self) -> list[StackPlan]:
        """Return what would be done as far as reading tells; needs no right to change anything, and no Terraform plan.

        Raises:
            DeliveryError: cfn-lint refuses a template, or a stack is stuck.
        """
        wanted = self.wanted()
        judging.lint(self.root, {item.path for item in wanted}, self.spec.region)
        return told_plainly(
            self.spec.environment,
            partial(compare_stacks, self.stacks, self.spec.environment, wanted, tenant=self.tenant),
        )


def deploy_templates(templates: Templates, approves: Approves) -> Sequence[StackPlan]:
    """Bring the stacks of `templates` to what Git wants and return what was done; nothing where no template is.

    Raises:
        DeliveryError: see `Templates.plan` and `rollout.apply_stacks`.
    """
    return apply_stacks(templates.stacks, templates.plan(), approves)


def _with_templates(root: Path) -> Collection[str]:
    return [name for name in tenant_names(root) if (root / "tenants" / name / "cloudformation").is_dir()]
