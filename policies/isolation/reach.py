"""A principal as it acts: its role, what of it can be rewritten, its rules, and what is known about its requests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from policies.documents import Statement
from policies.isolation import actions
from policies.isolation.facts import Domain, Facts, Like, tag_domains
from policies.isolation.model import Role, Rule, Rules

EVERYTHING = Statement("Allow", actions=("*",), resources=("*",), sid="whatever it writes into its own policies")


@dataclass(frozen=True)
class Node:
    """A role in one of its conditions.

    Attributes:
        is_rewritten: its identity policies can be changed, so they allow everything and deny nothing.
        is_unbounded: its permission boundary can be taken away.
    """

    arn: str
    is_rewritten: bool = False
    is_unbounded: bool = False


class Reach:
    """What one node can rely on."""

    def __init__(self, role: Role, node: Node, account: str, *, tenant: str = "") -> None:
        self.role, self.node, self._account = role, node, account
        self._tenant = tenant or role.stack
        own = (Rule(EVERYTHING, role.address),) if node.is_rewritten else role.rules
        boundary = None if node.is_unbounded else role.boundary
        self.allows: Rules = tuple(rule for rule in own if rule.statement.is_allow)
        self.boundary: Rules | None = None
        if boundary is not None:
            self.boundary = tuple(rule for rule in boundary if rule.statement.is_allow)
        self.denies: Rules = tuple(rule for rule in (*own, *(boundary or ())) if not rule.statement.is_allow)

    @property
    def label(self) -> str:
        if self.role.is_person:
            return f"whoever of {self._tenant} holds {self.role.address}"
        return self.role.arn

    @cached_property
    def facts(self) -> Facts:
        """What conditions can rely on about every request of this principal."""
        role = self.role
        known: dict[str, Domain] = {
            "aws:principalarn": (Like(role.arn) if role.is_person else role.arn,),
            "aws:principalaccount": (self._account,),
            "kms:calleraccount": (self._account,),
            "aws:resourceaccount": (self._account,),
            "s3:resourceaccount": (self._account,),
            "aws:principalisawsservice": ("false",),
        }
        if role.is_person:
            return Facts({**known, "aws:principaltag/tenant": (self._tenant,)})
        known["aws:principaltype"] = ("AssumedRole",)
        if role.tags is None or any(may(rule.statement, "sts:TagSession") for rule in role.trust):
            return Facts(known)
        return Facts(known | tag_domains("aws:PrincipalTag/", role.tags), frozenset({"aws:principaltag/"}))


def may(statement: Statement, *wanted: str) -> bool:
    """Tell whether a statement allows any of these actions on something."""
    return statement.is_allow and bool(actions.covered(statement, wanted))
