"""Values of the judgement: a call, who made it, the policies around it, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from policies.documents import PolicyDocument, Statement


class Verdict(Enum):
    """What AWS would have said."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Call:
    """One permission that was needed, as often as `count`.

    Attributes:
        role_arn: whose session asked.
        resource: an ARN, `*` where AWS judges the action on none, empty where it cannot be told.
        context: `{condition key in lower case: value}`; None says that the request does not carry the key.
    """

    role_arn: str
    action: str
    resource: str
    context: Mapping[str, str | None]
    count: int = 1

    @property
    def account(self) -> str:
        return self.role_arn.split(":")[4]


@dataclass(frozen=True)
class Rule:
    """A statement and the policy that it stands in."""

    policy: str
    statement: Statement

    def __str__(self) -> str:
        return f"{self.policy}, {self.statement.label}"


def rules(policies: Mapping[str, PolicyDocument]) -> tuple[Rule, ...]:
    return tuple(Rule(name, statement) for name, document in policies.items() for statement in document)


@dataclass(frozen=True)
class Role:
    """A role as it stands.

    Attributes:
        boundary: None where it has none, and then nothing narrows it.
        id: AWS's own, the beginning of `aws:userid`.
    """

    arn: str
    rules: tuple[Rule, ...] = ()
    boundary: tuple[Rule, ...] | None = None
    trust: tuple[Rule, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    id: str = ""

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]


@dataclass(frozen=True)
class Resource:
    """A thing with a policy or tags of its own, as it stands.

    Attributes:
        rules: None where it has no policy.
        aliases: of a key.
        tags: None where they are not known.
    """

    account: str
    rules: tuple[Rule, ...] | None = None
    tags: Mapping[str, str] | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """A verdict on a call.

    Attributes:
        reason: what refuses it, is missing, or is not known; empty where it is allowed.
        used: Allows without which it might not be.
    """

    call: Call
    verdict: Verdict
    reason: str = ""
    used: tuple[Rule, ...] = ()
