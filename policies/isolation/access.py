"""Decides whether one Allow lets a principal do anything to one thing, and gives the request that would succeed.

All that narrows the Allow in IAM's evaluation is taken in: conditions, the permission boundary, the key's policy, and
each Deny that provably applies. What remains is a question about texts, which the glob prover answers exactly.
Source: IAM User Guide, "Policy evaluation logic".
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from policies import globs
from policies.documents import Statement
from policies.errors import Undecided
from policies.isolation import actions, audience
from policies.isolation.conditions import Truth, hold, substitute
from policies.isolation.facts import Facts, tag_domains
from policies.isolation.model import Asset, Role, Rule, Rules
from policies.isolation.reach import Reach

MOST_DENIES = 6
"""Denies that an unknown action is weighed against in every combination."""


class By(Enum):
    """How an Allow reaches the principal."""

    IDENTITY = "its own policy"
    NAMED = "a resource policy that names the role"
    SESSION = "a resource policy that names its sessions, or anyone"

    @property
    def is_bounded(self) -> bool:
        """Permission boundaries do not narrow what a resource policy grants to a session itself."""
        return self is not By.SESSION


def by_policy(rule: Rule, role: Role) -> By | None:
    """Return how a resource policy's Allow reaches `role` by itself; None where the role's own policies must allow."""
    spoken = audience.of(rule.statement)
    if spoken.anyone or (role.arn.split(":")[4], role.name) in spoken.sessions:
        return By.SESSION
    return By.NAMED if role.arn in spoken.roles else None


@dataclass(frozen=True)
class Way:
    """A request that IAM would allow.

    Attributes:
        resource: an ARN, as a text.
        chain: the statements that let it through, in words.
    """

    action: str
    resource: str
    chain: tuple[str, ...]


@dataclass(frozen=True)
class Scope:
    """Resources that a statement speaks about: covered by `inside` and by none of `outside`."""

    inside: tuple[str, ...]
    outside: tuple[str, ...]
    rule: Rule


def way(who: Reach, rule: Rule, by: By, asset: Asset, only: Iterable[str] = ()) -> Way | None:
    """Return a request that `rule` makes possible on `asset`; None proves that there is none.

    Args:
        only: actions to try; empty for every action that matters for the asset, known or not.
    """
    if by.is_bounded and not _boundary_meets(who, asset):
        return None
    facts = _facts(who, asset)
    wanted = tuple(only) or asset.only or actions.of_kind(asset.kind)
    for action in actions.covered(rule.statement, wanted):
        found = _request(who, rule, by, asset, facts, action)
        if found:
            return found
    if only or asset.only:
        return None
    for action in _unknown_actions(who, rule, by, asset):
        found = _request(who, rule, by, asset, facts, action)
        if found:
            return found
    return None


def _facts(who: Reach, asset: Asset) -> Facts:
    known = dict(asset.facts)
    if asset.tags is None:
        return who.facts.with_(known)
    service = actions.service_of(asset.kind)
    prefixes = ("aws:ResourceTag/", f"{service}:ResourceTag/")
    for prefix in prefixes:
        known |= tag_domains(prefix, asset.tags, perhaps_absent=True)
    return who.facts.with_(known, frozenset(prefix.lower() for prefix in prefixes))


def _boundary_meets(who: Reach, asset: Asset) -> bool:
    """Tell quickly whether the boundary speaks about the asset at all."""
    if who.boundary is None:
        return True
    return any(
        not rule.statement.resources or any(_may_meet(text, asset) for text in rule.statement.resources)
        for rule in who.boundary
    )


def _may_meet(text: str, asset: Asset) -> bool:
    return "${" in text or globs.overlap(text, asset.pattern)


def _request(who: Reach, rule: Rule, by: By, asset: Asset, facts: Facts, action: str) -> Way | None:
    """Return the request for one action."""
    layers = [_scopes([rule], facts, action)]
    if by.is_bounded and who.boundary is not None:
        layers.append(_scopes(who.boundary, facts, action))
    if asset.kind == "key" and by is By.IDENTITY:
        layers.append(_scopes(_delegating(who, asset), facts, action))
    outside, spared = _denied(_binding_denies(who, asset), facts, action)
    for choice in itertools.product(*layers):
        inside = [pattern for scope in choice for pattern in scope.inside]
        without = [pattern for scope in choice for pattern in scope.outside]
        for exception in itertools.product(*spared):
            resource = globs.witness([asset.pattern, *inside, *exception], [*without, *outside])
            if resource is not None:
                said = tuple(f"{scope.rule} allows {action}" for scope in choice)
                return Way(action, resource, said)
    return None


def _scopes(rules: Iterable[Rule], facts: Facts, action: str) -> list[Scope]:
    """Return what those Allows that can hold for `action` speak about."""
    return [
        scope
        for rule in rules
        if rule.statement.covers_action(action) and _truth(rule, facts) is not Truth.NEVER
        for scope in _resources(rule, facts)
    ]


def _truth(rule: Rule, facts: Facts) -> Truth:
    conditions = rule.statement.conditions
    return hold(conditions, facts if rule.has_variables else facts.without_variables()) if conditions else Truth.ALWAYS


def _resources(rule: Rule, facts: Facts) -> Iterator[Scope]:
    """Yield the scopes of an Allow; a variable that is not certain covers everything, and excepts nothing."""
    statement = rule.statement
    if statement.not_resources:
        excepted = (_certain(text, rule, facts) for text in statement.not_resources)
        yield Scope((), tuple(text for text in excepted if text is not None), rule)
    elif statement.resources:
        for text in statement.resources:
            certain = _certain(text, rule, facts)
            yield Scope(("*" if certain is None else certain,), (), rule)
    else:
        yield Scope((), (), rule)


def _certain(text: str, rule: Rule, facts: Facts) -> str | None:
    return substitute(text, facts if rule.has_variables else facts.without_variables())


def _delegating(who: Reach, asset: Asset) -> Rules:
    """Return the key policy's Allows that let the principal's own policies decide, or that name it."""
    return tuple(
        rule
        for rule in asset.policies
        if rule.statement.is_allow and audience.of(rule.statement).includes(who.role, delegated=True)
    )


def _binding_denies(who: Reach, asset: Asset) -> Rules:
    """Return the Denies that speak about every request of the principal, its own and the asset's."""
    of_asset = (
        rule
        for rule in asset.policies
        if not rule.statement.is_allow and audience.of(rule.statement).includes(who.role, delegated=False)
    )
    return (*who.denies, *of_asset)


def _denied(rules: Rules, facts: Facts, action: str) -> tuple[list[str], list[list[str]]]:
    """Return what is denied for `action`: patterns that are, and for each NotResource the patterns that are not."""
    outside: list[str] = []
    spared: list[list[str]] = []
    for rule in rules:
        statement = rule.statement
        if not statement.covers_action(action) or _truth(rule, facts) is not Truth.ALWAYS:
            continue
        if statement.not_resources:
            excepted = (_certain(text, rule, facts) for text in statement.not_resources)
            spared.append(["*" if text is None else text for text in excepted])
        else:
            certain = (_certain(text, rule, facts) for text in statement.resources)
            outside += [text for text in certain if text is not None] if statement.resources else ["*"]
    return outside, spared


def _unknown_actions(who: Reach, rule: Rule, by: By, asset: Asset) -> Iterator[str]:
    """Yield an action for each way in which one that the table does not know could be judged.

    Written out, it is itself. Covered by a pattern, it is a text that the table does not hold, once for every
    combination of Denies that it might escape.
    """
    statement, service = rule.statement, actions.service_of(asset.kind)
    yield from actions.unknown_literals(statement.actions, service)
    denies = _weighed(who, asset, service)
    if len(denies) > MOST_DENIES:
        raise Undecided(f"{rule}: {len(denies)} Denies are too many to weigh against each other")
    boundary: list[Statement | None] = [None]
    if by.is_bounded and who.boundary is not None:
        boundary = [each.statement for each in who.boundary if _speaks(each.statement, service)]
    seen: set[str] = set()
    for frame in boundary:
        for size in range(len(denies), -1, -1):
            for escaped in itertools.combinations(denies, size):
                action = _new_action(service, [statement, *([frame] if frame else [])], escaped)
                if action and action not in seen:
                    seen.add(action)
                    yield action


def _weighed(who: Reach, asset: Asset, service: str) -> list[Statement]:
    """Return the Denies that apply to every request for the asset, one for each choice of actions."""
    facts = _facts(who, asset)
    found = {
        (rule.statement.actions, rule.statement.not_actions): rule.statement
        for rule in _binding_denies(who, asset)
        if _speaks(rule.statement, service) and _truth(rule, facts) is Truth.ALWAYS
    }
    return list(found.values())


def _speaks(statement: Statement, service: str) -> bool:
    return actions.speaks_about(statement.actions, statement.not_actions, service)


def _new_action(service: str, covering: Sequence[Statement], escaped: Iterable[Statement]) -> str | None:
    """Return an action unknown to the table that all of `covering` speak about and none of `escaped`."""
    outside = set(actions.known(service))
    choices: list[Sequence[str]] = []
    for statement in covering:
        if statement.not_actions:
            outside.update(statement.not_actions)
        else:
            choices.append([text for text in statement.actions if not globs.is_literal(text)])
    for statement in escaped:
        if statement.not_actions:
            choices.append(statement.not_actions)
        else:
            outside.update(statement.actions)
    for choice in itertools.product(*choices):
        action = globs.witness([f"{service}:?*", *choice], outside)
        if action:
            return action
    return None
