"""Reads policies and names out of one plan's resources; what cannot be read becomes a problem, never nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policies.check import Resource
from policies.documents import PolicyDocument
from policies.errors import Undecided
from policies.isolation.model import Problem, Rule, Rules
from policies.plan import Plan

VARIABLES_SINCE = "2012-10-17"


def rules_of(resource: Resource, path: str, stack: str) -> Rules:
    """Return the statements of the policy at `path`; none when there is no policy.

    Raises:
        Undecided: the text is unknown or is no policy.
    """
    if resource.get(path) == "":
        return ()  # as Terraform shows a policy that nobody set
    document = resource.document(path)
    return rules_in(document.values, f"{stack}: {resource.address}", path)


def rules_in(document: Mapping[str, Any], where: str, path: str) -> Rules:
    """Return the statements of a decoded policy."""
    statements = PolicyDocument.of(document, f"{where}.{path}").statements
    has_variables = document.get("Version") == VARIABLES_SINCE
    return tuple(Rule(statement, where, has_variables) for statement in statements)


def allows_only(rules: Rules) -> Rules:
    return tuple(rule for rule in rules if rule.statement.is_allow)


def text(resource: Resource, path: str) -> str:
    """Return the text at `path`, empty when it is absent.

    Raises:
        Undecided: it is unknown or is no text.
    """
    value = resource.get(path)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Undecided(f"{path} holds {type(value).__name__} where text was expected")
    return value


def roles_named(plan: Plan, resource: Resource, path: str) -> list[str]:
    """Return the names of the roles that the text or list at `path` gives, by ARN, by name or by reference."""
    if not resource.is_unknown(path):
        return [arn.rsplit("/", 1)[-1] for arn in resource.strings(path)]
    owners = {source.rsplit(".", 1)[0] for source in resource.sources(path)}
    found = [role for role in plan.of_type("aws_iam_role") if role.address in owners]
    if not found or len(found) != len(owners):
        raise Undecided(f"{path} is known only after the apply")
    return [text(role, "name") for role in found]


def tags_of(resource: Resource) -> dict[str, str] | None:
    """Return all tags; None when they are not known."""
    for path in ("tags_all", "tags"):
        if resource.is_unknown(path):
            return None
        value = resource.get(path)
        if isinstance(value, Mapping):
            return {key: item for key, item in value.items() if isinstance(item, str)}
    return {}


def referred(plan: Plan, resource: Resource, path: str, type: str) -> Resource | None:
    """Return the resource of `type` in the same plan that an unknown value at `path` is made of, if it is just one."""
    owners = {source.rsplit(".", 1)[0] for source in resource.sources(path)}
    found = [candidate for candidate in plan.of_type(type) if candidate.address in owners]
    return found[0] if len(found) == 1 and len(owners) == 1 else None


def problem(stack: str, resource: Resource, why: object) -> Problem:
    return Problem(stack, resource.address, str(why))


def is_computed(resource: Resource, path: str) -> bool:
    """Tell whether the value at `path` is unknown because AWS makes it, and not because of what it is made from."""
    return resource.is_unknown(path) and resource.sources(path) == {f"{resource.address}.{path}"}


def is_of_stack(plan: Plan, resource: Resource, path: str) -> bool:
    """Tell whether the value at `path` is unknown because something of the same stack is still to be made."""
    owners = {source.rsplit(".", 1)[0] for source in resource.sources(path)}
    return bool(owners) and owners <= plan.resources.keys()
