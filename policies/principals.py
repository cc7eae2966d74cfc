"""Who may act by a resource policy's Allow: the patterns of its callers, and whose roles they are.

Roles are named `<organisation>-<environment>-<stack>-*` or stand below the path /tenant/<tenant>/. A caller that fits
two stacks belongs to neither: of tenants `acme` and `acme-eu`, `role/meridian-prod-acme-*` would reach both.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from policies import statements
from policies.context import PLATFORM, Context
from policies.documents import Statement
from policies.globs import literal_prefix

ANYONE = "*"


def callers(statement: Statement) -> tuple[str, ...]:
    """Return the ARN patterns of the AWS principals that an Allow lets in; `*` is anyone.

    A whole account, written as its id or its root, is `arn:aws:iam::<account>:*`. A condition that pins
    aws:PrincipalArn narrows everyone, or an account, to its patterns; there `:root` is the root user alone.
    """
    pinned = [test[2] for test in statements.tests(statement) if statements.pins(test, "aws:PrincipalArn")]
    found: list[str] = []
    for principal in (*statement.principals.get("AWS", ()), *statement.principals.get("*", ())):
        account = account_of(principal)
        if pinned and (principal == ANYONE or account):
            found.extend(pinned[0])  # each of them must hold, so any one bounds the callers
        else:
            found.append(f"arn:aws:iam::{account}:*" if account else principal)
    if statement.not_principals:
        found.append(ANYONE)
    return tuple(found)


def account_of(principal: str) -> str:
    """Return the account that a principal names as a whole, by id or root; empty when it names less, or anyone."""
    if principal.isdecimal():
        return principal
    return principal.split(":")[4] if principal.endswith(":root") else ""


def stacks_of(pattern: str, context: Context) -> frozenset[str]:
    """Return the stacks, tenants or `platform`, of which `pattern` may name a role; empty when of none known."""
    fixed = literal_prefix(pattern)
    homes = _all_homes(context)
    longest = max((home for home in homes if fixed.startswith(home)), key=len, default="")
    fitting = {homes[longest]} if longest else set()
    if fixed != pattern:
        fitting |= {stack for home, stack in homes.items() if home.startswith(fixed)}
    return frozenset(fitting)


def is_of(pattern: str, stacks: Iterable[str], context: Context) -> bool:
    """Tell whether `pattern` names roles of these stacks and of no other, by a prefix that is theirs alone."""
    stacks = frozenset(stacks)
    fixed = literal_prefix(pattern)
    is_own = any(fixed.startswith(home) for stack in stacks for home in _homes(stack, context))
    return is_own and stacks_of(pattern, context) <= stacks


def outside_services(statement: Statement, context: Context) -> list[str]:
    """Return the AWS services that an Allow lets in without tying them to this account, against the confused deputy."""
    if any(_ties_to_account(test, context.account_id) for test in statements.tests(statement)):
        return []
    return list(statement.principals.get("Service", ()))


def _ties_to_account(test: statements.Test, account_id: str) -> bool:
    """Tell whether a condition names this account: as the source's account, its ARN, or the log group encrypted for."""
    _, _, values = test
    if statements.pins(test, "aws:SourceAccount"):
        return set(values) == {account_id}
    keys = ("aws:SourceArn", "kms:EncryptionContext:aws:logs:arn", "kms:EncryptionContext:aws:cloudtrail:arn")
    return any(statements.pins(test, key) for key in keys) and all(
        value.split(":")[4:5] == [account_id] for value in values
    )


@lru_cache(maxsize=8)
def _all_homes(context: Context) -> dict[str, str]:
    """Return {what the ARNs of a stack's roles begin with: stack}; the longest that fits says whose a role is."""
    return {home: stack for stack in {*context.tenants, context.stack, PLATFORM} for home in _homes(stack, context)}


def _homes(stack: str, context: Context) -> tuple[str, ...]:
    account = f"arn:aws:iam::{context.account_id}:role"
    named = f"{account}/{context.organisation}-{context.environment}-{stack}-"
    return (named,) if stack == PLATFORM else (named, f"{account}/tenant/{stack}/")
