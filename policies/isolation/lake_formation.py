"""Grants of Lake Formation from one tenant's tables to another's roles.

It can only narrow what IAM allows, unless a principal holds lakeformation:GetDataAccess, which is undecided.
A grant across tenants is a breach all the same: it is half of a way, and nothing needs it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from policies.check import Resource
from policies.errors import Undecided
from policies.isolation.reading import is_computed, roles_named, text
from policies.plan import Plan

EVERYBODY_BY_IAM = "IAM_ALLOWED_PRINCIPALS"
EVERYBODY = ":IAMPrincipals"
"""What the principal ends with that is all of an account's, whatever IAM says."""


@dataclass(frozen=True)
class Grant:
    """Permissions on one database.

    Attributes:
        role: name of the role that gets them.
        what: the permissions, as a text.
    """

    resource: Resource
    role: str
    database: str
    what: str


def grants(plan: Plan, tenants_roles: Collection[str]) -> Iterator[Grant]:
    """Yield the plan's grants on databases and tables to one of `tenants_roles`, by name.

    Raises:
        Undecided: it cannot be told to whom, or on what.
    """
    for resource in plan.of_type("aws_lakeformation_permissions"):
        if not resource.is_unknown("principal") and text(resource, "principal") == EVERYBODY_BY_IAM:
            continue
        if not resource.is_unknown("principal") and text(resource, "principal").endswith(EVERYBODY):
            raise Undecided(f"{resource.address}: grants to every principal of the account")
        for role in roles_named(plan, resource, "principal"):
            if role in tenants_roles:
                what = ", ".join(resource.strings("permissions")) or "nothing"
                yield Grant(resource, role, _database(plan, resource), what)


def _database(plan: Plan, resource: Resource) -> str:
    for block, name in (("database", "name"), ("table", "database_name"), ("table_with_columns", "database_name")):
        found = [] if is_computed(resource, block) else resource.blocks(block)
        if found and not found[0].is_unknown(name):
            return str(found[0].get(name))
        if found:
            owners = {source.rsplit(".", 1)[0] for source in found[0].sources(name)}
            databases = [item for item in plan.of_type("aws_glue_catalog_database") if item.address in owners]
            if len(databases) == 1 and len(owners) == 1:
                return text(databases[0], "name")
    raise Undecided(f"{resource.address}: on what it grants cannot be told, or it is no single database")
