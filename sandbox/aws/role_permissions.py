"""What a role of the local cloud may do to an S3 object, by the policies that Terraform gave it.

For services that act as a role inside this process: moto itself lets every signed request pass. It must not know what
a service wants to do with the object.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterator
from typing import Any

from moto.iam.models import iam_backends

Statement = dict[str, Any]


def may(role: Any, action: str, resource_arn: str) -> bool:
    """Whether a role's policies and its boundary allow an action on a resource.

    Conditions are not evaluated: a conditional Allow does not count, and a conditional Deny is passed over.

    Args:
        role: moto's role.
        action: for example `s3:GetObject`.
        resource_arn: for example `arn:aws:s3:::bucket/key`.
    """
    backend = iam_backends[role.account_id][role.partition]
    documents = [*role.policies.values(), *(_document(policy) for policy in role.managed_policies.values())]
    if not _allows(documents, action, resource_arn):
        return False
    boundary = role.permissions_boundary_arn
    return boundary is None or _allows([_document(backend.managed_policies[boundary])], action, resource_arn)


def _document(policy: Any) -> str:
    document: str = next(each.document for each in policy.versions if each.version_id == policy.default_version_id)
    return document


def _allows(documents: list[str], action: str, resource_arn: str) -> bool:
    """Whether some statement allows and none denies."""
    effects = {
        statement["Effect"]
        for document in documents
        for statement in _statements(document)
        if not statement.get("Condition") and _concerns(statement, action, resource_arn)
    }
    return effects == {"Allow"}


def _statements(document: str) -> Iterator[Statement]:
    statements = json.loads(document).get("Statement", [])
    yield from [statements] if isinstance(statements, dict) else statements


def _concerns(statement: Statement, action: str, resource_arn: str) -> bool:
    return _matches(statement, "Action", action.lower(), lower=True) and _matches(statement, "Resource", resource_arn)


def _matches(statement: Statement, element: str, value: str, lower: bool = False) -> bool:
    """Whether an element, or its negation `NotAction` and the like, takes in a value; actions ignore case."""
    named: str | list[str] = statement.get(element) or statement.get(f"Not{element}") or []
    patterns = [named] if isinstance(named, str) else named
    found = any(fnmatch.fnmatchcase(value, _literal(each.lower() if lower else each)) for each in patterns)
    return found if element in statement else not found


def _literal(pattern: str) -> str:
    """An IAM pattern knows `*` and `?` only, so brackets stand for themselves."""
    return pattern.replace("[", "[[]")
