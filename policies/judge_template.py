"""Judge what a CloudFormation template makes by the checks of Terraform plans."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.cloudformation import Template
from policies.check import PlanRule, Undecided
from policies.judge import judged
from policies.plan import Plan
from policies.registry import Checks
from policies.verdict import Judgement, Subject


def judge_template(template: Template, checks: Checks, beside: Plan | None = None) -> Iterator[Judgement]:
    """Judge each resource of a template; the checks of the kind `cloudformation` judge the template itself.

    Rules for a whole plan are left out: they ask for what another stack holds.

    Args:
        beside: the Terraform plan of the same stack, where the template names what that makes, such as the key.
    """
    where = template.context
    try:
        resources, plan = template.resources, template.as_plan(beside)
    except Undecided:
        return  # CSO_CFN_01 to 03 read the same and have no verdict
    for resource in resources:
        subject = Subject(
            where.environment,
            where.stack,
            template.kind,
            f"{template.path}#{resource.name}",
            *template.locate(resource.address),
        )
        for check in checks.of_resources.get(resource.type, ()):
            more = (plan,) if isinstance(check, PlanRule) else ()
            yield from judged(check, subject, check.judge, resource, *more)
