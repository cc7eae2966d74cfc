"""IAM's evaluation of one concrete request, written apart from the proof and as plainly as possible: its oracle.

Source: IAM User Guide, "Policy evaluation logic", for one account, roles, permission boundaries and bucket policies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Document = list[dict[str, Any]]
Context = Mapping[str, str | None]


@dataclass(frozen=True)
class Request:
    """`context`: `{condition key: value, or None when the request does not carry it}`."""

    action: str
    resource: str
    context: Context


@dataclass(frozen=True)
class Policies:
    """What concerns one role and one bucket; `boundary` is None when the role has none."""

    role: str
    session: str
    identity: Document
    boundary: Document | None
    bucket: Document


def is_allowed(policies: Policies, request: Request) -> bool:
    boundary = policies.boundary
    for statement in (*policies.identity, *(boundary or ())):
        if statement["Effect"] == "Deny" and speaks(statement, request):
            return False
    if any(is_bound(statement, policies) and speaks(statement, request) for statement in policies.bucket):
        return False
    by_boundary = boundary is None or allows(boundary, request)
    for statement in policies.bucket:
        if statement["Effect"] == "Allow" and speaks(statement, request):
            named = principals(statement)
            if named & {"*", policies.session} or (policies.role in named and by_boundary):
                return True
    return by_boundary and allows(policies.identity, request)


def is_let_in(policies: Policies, request: Request) -> bool:
    """As `is_allowed`, with a key's policy or a role's trust in `bucket`; the caller's own count only where it lets."""
    guarding = policies.bucket
    if any(is_bound(statement, policies) and speaks(statement, request) for statement in guarding):
        return False
    own = (*policies.identity, *(policies.boundary or ()))
    if any(statement["Effect"] == "Deny" and speaks(statement, request) for statement in own):
        return False
    by_boundary = policies.boundary is None or allows(policies.boundary, request)
    let_in = [each for each in guarding if each["Effect"] == "Allow" and speaks(each, request)]
    named = set().union(*(principals(each) for each in let_in))
    if named & {"*", policies.session}:
        return True
    if policies.role in named and by_boundary:
        return True
    delegated = bool(named & {policies.role.split(":")[4]})
    return delegated and by_boundary and allows(policies.identity, request)


def is_bound(statement: dict[str, Any], policies: Policies) -> bool:
    return statement["Effect"] == "Deny" and bool(principals(statement) & {"*", policies.role})


def allows(document: Document, request: Request) -> bool:
    return any(statement["Effect"] == "Allow" and speaks(statement, request) for statement in document)


def principals(statement: dict[str, Any]) -> set[str]:
    named = statement["Principal"]
    return {named} if isinstance(named, str) else {named["AWS"]}


def speaks(statement: dict[str, Any], request: Request) -> bool:
    action, resource = request.action.lower(), request.resource
    if "Action" in statement:
        about_action = any(like(pattern.lower(), action) for pattern in statement["Action"])
    else:
        about_action = not any(like(pattern.lower(), action) for pattern in statement["NotAction"])
    if "Resource" in statement:
        about_resource = any(like(pattern, resource) for pattern in statement["Resource"])
    else:
        about_resource = not any(like(pattern, resource) for pattern in statement.get("NotResource", ()))
    conditions = statement.get("Condition", {})
    return (
        about_action
        and about_resource
        and all(
            holds(operator, values, request.context.get(key))
            for operator, tests in conditions.items()
            for key, values in tests.items()
        )
    )


def holds(operator: str, values: list[str], actual: str | None) -> bool:
    if operator == "Null":
        return (actual is None) == (values == ["true"])
    if operator.startswith("ForAllValues:"):
        return actual is None or holds(operator.removeprefix("ForAllValues:"), values, actual)
    if operator.startswith("ForAnyValue:"):
        return actual is not None and holds(operator.removeprefix("ForAnyValue:"), values, actual)
    if operator.endswith("IfExists"):
        return actual is None or holds(operator.removesuffix("IfExists"), values, actual)
    negated = "Not" in operator
    if actual is None:
        return negated
    found = any(like(value, actual) if operator.endswith("Like") else value == actual for value in values)
    return found != negated


def like(pattern: str, text: str) -> bool:
    parts = {"*": "(?:.|\n)*", "?": "(?:.|\n)"}
    return re.fullmatch("".join(parts.get(char, re.escape(char)) for char in pattern), text) is not None
