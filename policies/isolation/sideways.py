"""Breaches that need no principal of a tenant: what its stack itself does to another's when it is applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policies.check import Resource
from policies.context import PLATFORM
from policies.errors import Undecided
from policies.isolation import lake_formation
from policies.isolation.findings import Breach
from policies.isolation.index import Index
from policies.isolation.model import Problem, Role
from policies.isolation.reading import problem
from policies.isolation.trespasses import profiles_of, touched_roles, trespasses
from policies.plan import Plan

Found = Breach | Problem


def into_others_places(plans: Sequence[Plan], index: Index) -> Iterator[Found]:
    """Yield what tenants' stacks write into places of others, or set on things of others."""
    for plan in plans:
        if plan.context.is_platform:
            continue
        for found in trespasses(plan):
            if isinstance(found, Problem):
                yield found
                continue
            resource, kind, action, arn = found
            for asset in index.meeting(arn, besides=plan.context.stack):
                if asset.kind == kind and (not asset.only or action in asset.only):
                    yield _by_stack(resource, action, arn, asset.stack, asset.address)


def through_others_roles(plans: Sequence[Plan], roles: Mapping[str, Role]) -> Iterator[Found]:
    """Yield roles of others that tenants' stacks change, or hand to something of their own, which then acts as them.

    Args:
        roles: by name.
    """
    profiles = {name: held for plan in plans for name, held in profiles_of(plan).items()}
    for plan in plans:
        if plan.context.is_platform:
            continue
        for found in touched_roles(plan, profiles):
            if isinstance(found, Problem):
                yield found
                continue
            resource, action, name = found
            role = roles.get(name)
            if role is None:
                yield problem(plan.context.stack, resource, f"what its role {name} may do is in no plan")
            elif role.stack != plan.context.stack:
                yield _by_stack(resource, action, role.arn, role.stack, role.address)


def _by_stack(resource: Resource, action: str, arn: str, owner: str, address: str) -> Breach:
    tenant = resource.context.stack
    said = f"{tenant}: {resource.address} does that when the stack is applied"
    return Breach(tenant, f"stack {tenant}", resource.address, action, arn, owner, address, (said,))


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
