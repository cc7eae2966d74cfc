"""A stack as a whole: its Terraform plan, and in Terraform's words what its CloudFormation templates make beside it."""

from __future__ import annotations

from collections.abc import Iterable

from policies.artefacts.cloudformation import Template
from policies.artefacts.discovery import discover
from policies.errors import Undecided
from policies.isolation.model import Problem
from policies.plan import Plan
from policies.surroundings import Surroundings


def templates_of(surroundings: Surroundings, environment: str, stack: str) -> list[Template]:
    """Return the templates of a stack, with the values that they get in an environment."""
    root = surroundings.root
    if not (root / "tenants" / stack / "cloudformation").is_dir():
        return []
    found = discover(root, (environment,), [stack], surroundings.context)
    return [artefact for artefact in found if isinstance(artefact, Template)]


def whole(plan: Plan, templates: Iterable[Template]) -> tuple[Plan, list[Problem]]:
    """Return everything that a stack makes as one plan, and a problem for each template that cannot be read."""
    problems = []
    for template in templates:
        try:
            plan = template.as_plan(beside=plan)
        except Undecided as reason:
            problems.append(Problem(plan.context.stack, template.path, str(reason)))
    return plan, problems
