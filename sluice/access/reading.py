"""The local cloud's record and policies, read into values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policies.documents import PolicyDocument
from sandbox.lifecycle import Sandbox
from sluice.access.model import Call, Resource, Role, rules


@dataclass(frozen=True)
class Record:
    """What a local cloud was asked, and the policies that stand in it.

    Attributes:
        endpoints: `{account: {service: id of the VPC endpoint by which machines in the VPC reach it}}`.
        not_kept: permissions that were one too many for the record.
        unread: `{request: how often}` of those that could not be read.
    """

    calls: tuple[Call, ...]
    roles: Mapping[str, Role]
    resources: Mapping[str, Resource]
    endpoints: Mapping[str, Mapping[str, str]]
    not_kept: int
    unread: Mapping[str, int]


def read(running: Sandbox) -> Record:
    """Return a running local cloud's record.

    Raises:
        Undecided: a policy in it cannot be read.
    """
    return record(running.ask("GET", "calls"), running.ask("GET", "policies"))


def record(called: Mapping[str, Any], standing: Mapping[str, Any]) -> Record:
    """Return the record that two documents of the local cloud hold."""
    roles = {arn: _role(found) for arn, found in standing["roles"].items()}
    resources = {arn: _resource(arn, found) for arn, found in standing["resources"].items()}
    trusts = {arn: Resource(role.account, role.trust) for arn, role in roles.items()}
    return Record(
        calls=tuple(Call(*fields) for fields in called["calls"]),
        roles=roles,
        resources={**resources, **trusts},
        endpoints=standing["endpoints"],
        not_kept=called["not_kept"],
        unread=called["unread"],
    )


def _role(found: Mapping[str, Any]) -> Role:
    boundary = found["boundary"]
    return Role(
        arn=found["arn"],
        rules=rules({name: PolicyDocument.of(text, name) for name, text in found["policies"].items()}),
        boundary=None if boundary is None else rules({n: PolicyDocument.of(text, n) for n, text in boundary.items()}),
        trust=rules({"its trust policy": PolicyDocument.of(found["trust"], found["arn"])}),
        tags=found["tags"],
        id=found["id"],
    )


def _resource(arn: str, found: Mapping[str, Any]) -> Resource:
    policy = found.get("policy")
    return Resource(
        account=found["account"],
        rules=None if policy is None else rules({f"the policy of {arn}": PolicyDocument.of(policy, arn)}),
        tags=found.get("tags"),
        aliases=tuple(found.get("aliases", ())),
    )
