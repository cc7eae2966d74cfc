"""Breaches that need no principal of a tenant: what its stack itself does to another's when it is applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policies.context import PLATFORM
from policies.errors import Undecided
from policies.isolation import lake_formation
from policies.isolation.assets import trespasses
from policies.isolation.findings import Breach
from policies.isolation.index import Index
from policies.isolation.model import Problem, Role
from policies.plan import Plan

Found = Breach | Problem


def into_others_places(plans: Sequence[Plan], index: Index) -> Iterator[Found]:
    """Yield what tenants' stacks put into places of others: objects, parameters, tables."""
    for plan in plans:
        tenant = plan.context.stack
        if plan.context.is_platform:
            continue
        try:
            for resource, kind, action, arn in trespasses(plan):
                for asset in index.meeting(arn, besides=tenant):
                    if asset.kind == kind:
                        said = f"{tenant}: {resource.address} is put there when the stack is applied"
                        who = f"stack {tenant}"
                        yield Breach(tenant, who, resource.address, action, arn, asset.stack, asset.address, (said,))
        except Undecided as reason:
            yield Problem(tenant, "what its stack puts into shared places", str(reason))


def through_lake_formation(plans: Sequence[Plan], roles: Mapping[str, Role]) -> Iterator[Found]:
    """Yield grants on one tenant's tables to another's roles.

    Args:
        roles: by name.
    """
    databases = (item for plan in plans for item in plan.of_type("aws_glue_catalog_database"))
    owners = {item.values.get("name"): item.context.stack for item in databases}
    of_tenants = {name for name, role in roles.items() if role.stack != PLATFORM}
    for plan in plans:
        try:
            for grant in lake_formation.grants(plan, of_tenants):
                role, owner = roles[grant.role], owners.get(grant.database)
                if owner and role.stack != owner:
                    yield _granted(role, owner, grant)
        except Undecided as reason:
            yield Problem(plan.context.stack, "Lake Formation", str(reason))


def _granted(role: Role, owner: str, grant: lake_formation.Grant) -> Breach:
    address = grant.resource.address
    said = f"{address} grants {grant.what}"
    at = f"database {grant.database}"
    return Breach(role.stack, role.arn, role.address, "lakeformation:Grant", at, owner, address, (said,))
