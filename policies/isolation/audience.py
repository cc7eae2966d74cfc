"""Whom a resource policy's statement speaks to: roles by name, their sessions, the whole account, or anyone.

Source: IAM User Guide, "AWS JSON policy elements: Principal".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from policies.documents import Statement
from policies.isolation.model import Role

ROLE = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):role/([^*?]+)")
SESSION = re.compile(r"arn:aws[\w-]*:sts::(\d{12}):assumed-role/([^/]+)/[^/]+")
ACCOUNT = re.compile(r"(?:arn:aws[\w-]*:iam::)?(\d{12})(?::root)?")
OUTSIDE = re.compile(r"arn:aws[\w-]*:(iam|sts)::\d{12}:(user|federated-user)/.+")
KINDS = frozenset({"AWS", "Service", "*"})
"""Kinds of principals that the plans tell about: who logs in at a federated provider, none does."""


@dataclass(frozen=True)
class Audience:
    """Who is spoken to.

    Attributes:
        roles: ARNs of roles.
        sessions: (account, role's name) of roles whose sessions are named.
        accounts: accounts that are named as a whole: their own policies decide.
        anyone: everybody, with or without policies of their own.
    """

    roles: frozenset[str] = frozenset()
    sessions: frozenset[tuple[str, str]] = frozenset()
    accounts: frozenset[str] = frozenset()
    anyone: bool = False

    def includes(self, role: Role, *, delegated: bool) -> bool:
        """Tell whether every request of `role` is spoken to; with `delegated` also through its account."""
        return self.anyone or role.arn in self.roles or (delegated and role.arn.split(":")[4] in self.accounts)


def of(statement: Statement) -> Audience:
    """Return whom a statement speaks to; nobody when that is unclear, as with a Deny's NotPrincipal."""
    found = _understood(statement)
    return Audience() if isinstance(found, str) else found


def unclear(statement: Statement) -> str:
    """Return why it cannot be told whom an Allow lets in; empty when it can. An unclear Deny only counts less."""
    found = _understood(statement)
    return found if isinstance(found, str) and statement.is_allow else ""


def _understood(statement: Statement) -> Audience | str:
    if statement.not_principals:
        return "who is left by NotPrincipal is not understood"
    return _of(tuple(sorted((kind, tuple(names)) for kind, names in statement.principals.items())))


@lru_cache(maxsize=65536)
def _of(principals: tuple[tuple[str, tuple[str, ...]], ...]) -> Audience | str:
    """Return the audience, or why it is not understood."""
    named: Mapping[str, tuple[str, ...]] = dict(principals)
    if not named:
        return "it names no principal"
    strange = named.keys() - KINDS
    if strange:
        return f"principals of the kind {sorted(strange)[0]} are not understood"
    roles, sessions, accounts, anyone = set(), set(), set(), "*" in named
    for text in named.get("AWS", ()):
        if text == "*":
            anyone = True
        elif ROLE.fullmatch(text):
            roles.add(text)
        elif session := SESSION.fullmatch(text):
            sessions.add((session[1], session[2]))
        elif account := ACCOUNT.fullmatch(text):
            accounts.add(account[1])
        elif not OUTSIDE.fullmatch(text):
            return f"the principal {text!r} is not understood"
    return Audience(frozenset(roles), frozenset(sessions), frozenset(accounts), anyone)
