"""What the proof reasons about: rules, roles and the things that belong to a tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.documents import Statement
from policies.isolation.facts import Domain


@dataclass(frozen=True)
class Rule:
    """A statement and where it stands.

    Attributes:
        where: stack and address of the resource that holds the policy.
        has_variables: the policy's Version is 2012-10-17, so `${…}` is a variable.
    """

    statement: Statement
    where: str
    has_variables: bool = True

    def __str__(self) -> str:
        return f"{self.where}, {self.statement.label}"


Rules = tuple[Rule, ...]


@dataclass(frozen=True)
class Problem:
    """Something that the proof could not read or does not understand: no verdict."""

    stack: str
    address: str
    why: str

    def __str__(self) -> str:
        return f"{self.stack}: {self.address}: {self.why}"


@dataclass
class Role:
    """A principal: an IAM role, or whoever holds a policy that no role holds.

    Attributes:
        stack: tenant or `platform`; for who holds a policy, the tenant that its tag names.
        arn: without wildcards; for who holds a policy, a pattern.
        rules: of its identity policies.
        boundary: rules of its permission boundary; None when it has none.
        trust: rules of its trust policy.
        attached, bounded_by: ARNs of its managed policies and of its boundary.
        tags: None when somebody may change them, so that nothing can rely on them.
        problems: what could not be read; they count once a tenant can be this role.
    """

    stack: str
    address: str
    arn: str
    name: str = ""
    rules: Rules = ()
    boundary: Rules | None = None
    trust: Rules = ()
    tags: Mapping[str, str] | None = field(default_factory=dict)
    attached: frozenset[str] = frozenset()
    bounded_by: str = ""
    problems: tuple[Problem, ...] = ()
    is_person: bool = False

    @property
    def services(self) -> tuple[str, ...]:
        """AWS services that its trust policy lets assume it."""
        allows = [rule.statement for rule in self.trust if rule.statement.is_allow]
        return tuple(service for statement in allows for service in statement.principals.get("Service", ()))


@dataclass(frozen=True)
class Asset:
    """Something that other tenants must not reach.

    Attributes:
        stack: whose it is; what is `platform`'s must not be reached by any tenant.
        kind: a kind of data/iam_actions.json.
        pattern: its ARNs, `*` where there are many.
        policies: its resource policies' rules.
        facts: what conditions can rely on about requests for it.
        tags: None when they are not known.
        only: the actions that matter; empty when every action of the kind does.
    """

    stack: str
    address: str
    kind: str
    pattern: str
    policies: Rules = ()
    facts: Mapping[str, Domain] = field(default_factory=dict)
    tags: Mapping[str, str] | None = None
    only: tuple[str, ...] = ()


@dataclass(frozen=True)
class Host:
    """Something that runs code or statements as roles: who may do `actions` on `asset` is those roles."""

    asset: Asset
    actions: tuple[str, ...]
    roles: tuple[str, ...]
    how: str


@dataclass
class World:
    """Everything that the plans of one environment say about who may do what.

    Attributes:
        account_policies: rules of policies that speak about a whole account, such as Glue's.
        nodes_are_closed: EMR keeps jobs that have a runtime role away from the role of the machine they run on.
    """

    account: str
    region: str
    roles: list[Role] = field(default_factory=list)
    assets: list[Asset] = field(default_factory=list)
    account_policies: Rules = ()
    hosts: list[Host] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    statements: int = 0
    nodes_are_closed: bool = False
