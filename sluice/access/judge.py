"""IAM's evaluation of one call that was made: allowed, refused, or not to be told from what is known here.

Takes in identity policies, the permissions boundary and the resource's policy; knows no service control policies,
session policies or endpoint policies. Source: IAM User Guide, "Policy evaluation logic".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from policies import globs
from policies.isolation.conditions import Truth, hold, substitute
from policies.isolation.facts import Facts
from sluice.access.model import Call, Judged, Resource, Role, Rule, Verdict

DECISIVE = ("kms:", "sts:AssumeRole")
"""Actions that nothing allows unless the resource's own policy does, or hands the decision to the account."""
ARN_SERVICES = {"redshift-data": "redshift"}
"""Services whose actions are on resources of another."""
TRUTHS = {Truth.ALWAYS: Verdict.ALLOWED, Truth.MAYBE: Verdict.UNDECIDED, Truth.NEVER: Verdict.REFUSED}


class Named(Enum):
    """How a resource's policy speaks of a caller."""

    NOT = 0
    ACCOUNT = 1
    """By the account: its own policies decide."""
    ROLE = 2
    SESSION = 3
    """By its session, or as anyone: a boundary that does not speak of the action does not narrow that."""


@dataclass(frozen=True)
class Found:
    """Whether some statement applies, and which make it so."""

    truth: Truth
    rules: tuple[Rule, ...] = ()


def judge(call: Call, role: Role, resource: Resource | None, facts: Facts) -> Judged:
    """Return what AWS would have said.

    Args:
        resource: what the call acts on, where it stands; its policy is `rules`.
    """
    theirs = () if resource is None or resource.rules is None else resource.rules
    denied = _denied(call, role, theirs, facts)
    if denied.truth is Truth.ALWAYS:
        return Judged(call, Verdict.REFUSED, f"denied by {denied.rules[0]}")
    is_decisive = call.action.startswith(DECISIVE) and _has_policy(call.resource)
    if is_decisive and not theirs:
        return Judged(call, Verdict.UNDECIDED, "the policy of what it acts on does not stand here any more")
    own = _allowed(call, role.rules, facts)
    limit = Found(Truth.ALWAYS) if role.boundary is None else _allowed(call, role.boundary, facts)
    by: Mapping[Named, Found] = {
        kind: _allowed(call, _naming(theirs, role, kind), facts) for kind in Named if kind is not Named.NOT
    }
    is_foreign = resource is not None and resource.account != role.account
    allowed = _combined(own, limit, by, is_foreign=is_foreign, is_decisive=is_decisive)
    if denied.truth is Truth.MAYBE and allowed is not Truth.NEVER:
        return Judged(call, Verdict.UNDECIDED, f"perhaps denied by {denied.rules[0]}")
    verdict = TRUTHS[allowed]
    used = (*own.rules, *limit.rules, *(rule for found in by.values() for rule in found.rules))
    if verdict is Verdict.ALLOWED:
        return Judged(call, verdict, used=used)
    return Judged(call, verdict, _missing(own, limit, by, is_foreign=is_foreign, is_decisive=is_decisive), used)


def _combined(own: Found, limit: Found, by: Mapping[Named, Found], *, is_foreign: bool, is_decisive: bool) -> Truth:
    """Return whether what allows suffices, by whose account the resource is and whether its policy decides."""
    bounded = Truth.both([own.truth, limit.truth])
    if is_foreign:
        named = Truth.either([by[kind].truth for kind in by])
        return Truth.both([bounded, named])
    direct = Truth.either([by[Named.SESSION].truth, Truth.both([by[Named.ROLE].truth, limit.truth])])
    if is_decisive:
        return Truth.either([direct, Truth.both([bounded, by[Named.ACCOUNT].truth])])
    return Truth.either([direct, bounded])


def _missing(own: Found, limit: Found, by: Mapping[Named, Found], *, is_foreign: bool, is_decisive: bool) -> str:
    """Return in words what is missing, or hangs on what is not known."""
    unsure = [str(rule) for found in (own, limit, *by.values()) if found.truth is Truth.MAYBE for rule in found.rules]
    if unsure:
        return f"hangs on a condition or resource that is not known here: {unsure[0]}"
    if own.truth is Truth.NEVER and not (is_decisive and not is_foreign):
        return "no policy of the role allows it"
    if limit.truth is Truth.NEVER:
        return "its permissions boundary does not allow it"
    if is_foreign or all(found.truth is Truth.NEVER for found in by.values()):
        return "the policy of what it acts on does not allow it"
    return "the policy of what it acts on leaves it to the role's own, and none allows it"


def _has_policy(resource: str) -> bool:
    """Return whether a key or a role is meant: an alias has no policy, nor has what is yet to be."""
    return resource not in ("*", "") and ":alias/" not in resource


def _denied(call: Call, role: Role, theirs: Iterable[Rule], facts: Facts) -> Found:
    its_own = [*role.rules, *(role.boundary or ())]
    speaking = [*its_own, *(rule for rule in theirs if _named(rule, role) is not Named.NOT)]
    return _strongest(call, (rule for rule in speaking if not rule.statement.is_allow), facts)


def _allowed(call: Call, candidates: Iterable[Rule], facts: Facts) -> Found:
    return _strongest(call, (rule for rule in candidates if rule.statement.is_allow), facts)


def _strongest(call: Call, candidates: Iterable[Rule], facts: Facts) -> Found:
    truths = [(rule, _applies(call, rule, facts)) for rule in candidates]
    best = Truth.either([truth for _, truth in truths])
    return Found(best, tuple(rule for rule, truth in truths if truth is best) if best is not Truth.NEVER else ())


def _applies(call: Call, rule: Rule, facts: Facts) -> Truth:
    statement = rule.statement
    if not statement.covers_action(call.action):
        return Truth.NEVER
    on = _covers(call, rule, facts)
    return on if on is Truth.NEVER else Truth.both([on, hold(statement.conditions, facts)])


def _covers(call: Call, rule: Rule, facts: Facts) -> Truth:
    statement = rule.statement
    if statement.not_resources:
        found = Truth.either(_matched(text, call, facts) for text in statement.not_resources)
        return found.opposite
    if not statement.resources:
        return Truth.ALWAYS  # a trust policy, which has none
    return Truth.either(_matched(text, call, facts) for text in statement.resources)


def _matched(pattern: str, call: Call, facts: Facts) -> Truth:
    if pattern == "*":
        return Truth.ALWAYS
    certain = substitute(pattern, facts)
    if certain is None:
        return Truth.MAYBE
    resource = call.resource
    if resource == "":
        service = call.action.partition(":")[0]
        any_of_it = f"arn:aws:{ARN_SERVICES.get(service, service)}:*"
        return Truth.MAYBE if globs.overlap(certain, any_of_it) else Truth.NEVER
    return Truth.ALWAYS if globs.matches(certain, resource) else Truth.NEVER


def _naming(theirs: Iterable[Rule], role: Role, kind: Named) -> Iterator[Rule]:
    return (rule for rule in theirs if _named(rule, role) is kind)


def _named(rule: Rule, role: Role) -> Named:
    """Return how a resource's statement speaks of the role; NotPrincipal speaks of all whom it does not name."""
    statement = rule.statement
    if statement.not_principals:
        excepted = statement.not_principals.get("AWS", ())
        return Named.NOT if {role.arn, *_of_account(role.account)} & set(excepted) else Named.SESSION
    principals = set(statement.principals.get("AWS", ())) | set(statement.principals.get("*", ()))
    name = role.arn.rpartition("/")[2]
    if "*" in principals or any(
        text.startswith(f"arn:aws:sts::{role.account}:assumed-role/{name}/") for text in principals
    ):
        return Named.SESSION
    if role.arn in principals:
        return Named.ROLE
    return Named.ACCOUNT if principals & set(_of_account(role.account)) else Named.NOT


def _of_account(account: str) -> tuple[str, str]:
    return account, f"arn:aws:iam::{account}:root"
