"""The catalogue's resource policy lets no tenant, and nobody from outside, at another tenant's metadata."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, Statement, callers, is_of, outside_services, overlap

PLATFORM = "platform"
KINDS = ("database", "table", "userDefinedFunction")


class CatalogPolicyKeepsTenantsApart(PlanRule):
    """Requirement: an Allow names roles of the platform, or of the one tenant whose databases alone it speaks about.

    Everyone, a whole account and roles of two stacks fail. A tenant's databases are `<organisation>_<env>_<tenant>*`.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.7.
    """

    control = "CSO_GLU_03"
    check_id = "CSO_GLU_03"
    title = "The catalogue's policy keeps tenants apart"
    types = ("aws_glue_resource_policy",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        if resource.get("policy") is None:
            yield "the policy is not said"
        context = plan.context
        tenants = sorted({*context.tenants, context.stack} - {PLATFORM})
        for statement in resource.policy("policy").allows:
            if not statement.principals and not statement.not_principals:
                yield f"{statement.label} does not say whom it lets in"
            for service in outside_services(statement, context):
                yield f"{statement.label} lets in {service!r} on any account's behalf"
            for kind in sorted(statement.principals.keys() - {"AWS", "Service", "*"}):
                yield f"{statement.label} lets in {kind} principals"
            for caller in callers(statement):
                own = next((tenant for tenant in tenants if is_of(caller, {tenant}, context)), "")
                if not own and not is_of(caller, {PLATFORM}, context):
                    yield f"{statement.label} lets in {caller!r}"
                others = [
                    tenant for tenant in tenants if own not in ("", tenant) and _reaches(statement, tenant, context)
                ]
                if others:
                    yield f"{statement.label} lets {caller!r} at databases of {', '.join(others)}"


def _reaches(statement: Statement, tenant: str, context: Any) -> bool:
    name = f"{context.organisation}_{context.environment}_{tenant}".replace("-", "_")
    catalog = f"arn:aws:glue:{context.region}:{context.account_id}"
    wanted = [f"{catalog}:database/{name}", *(f"{catalog}:{kind}/{name}/*" for kind in KINDS[1:])]
    if statement.not_resources:
        return True
    return any(overlap(pattern, target) for pattern in statement.resources for target in wanted)


check = CatalogPolicyKeepsTenantsApart()
