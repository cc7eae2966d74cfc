"""Walks from each tenant's principals to everything that they can become and reach."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.context import PLATFORM
from policies.errors import Undecided
from policies.isolation import audience
from policies.isolation.access import By, Way, way
from policies.isolation.becoming import Becoming
from policies.isolation.conditions import VARIABLE
from policies.isolation.findings import MOST_BREACHES, Breach, Proof
from policies.isolation.index import Index
from policies.isolation.model import Asset, Problem, Role, Rule, World
from policies.isolation.out_of_sight import out_of_sight
from policies.isolation.reach import Node, Reach


@dataclass(frozen=True)
class Path:
    """How a tenant came to be a role: the principal it began with, and the requests since."""

    start: Role
    chain: tuple[str, ...] = ()


class Search:
    """Walks from each tenant's principals to everything that they can become and reach."""

    def __init__(self, world: World, proof: Proof) -> None:
        self._world, self._proof = world, proof
        self._becoming = Becoming(world)
        self.roles = self._becoming.by_name
        self.index = Index(world.assets)
        self._known: set[tuple[str, ...]] = set()
        self._by_stack: dict[str, list[Role]] = {}
        for role in world.roles:
            self._by_stack.setdefault(role.stack, []).append(role)
        self._count_of: dict[str, int] = {}
        for asset in world.assets:
            self._count_of[asset.stack] = self._count_of.get(asset.stack, 0) + 1
        self._named, self._open = _grants(world)

    def tenant(self, tenant: str) -> None:
        """Follow every principal of a tenant."""
        seen: dict[Node, Path] = {}
        queue: deque[tuple[Reach, Path]] = deque()
        roles = [role for role in self._by_stack.get(tenant, []) if not role.is_person]
        for role in [*roles, *self._person(tenant)]:
            self._proof.principals += 1
            node = Node(f"{role.arn}#{role.address}" if role.is_person else role.arn)
            seen[node] = Path(role)
            queue.append((self._reach(role, node, tenant), seen[node]))
        visited: dict[Reach, Path] = {}
        while queue and self._proof.is_complete:
            who, path = queue.popleft()
            visited[who] = path
            self._proof.undecided += who.role.problems
            for node, onward in self._around(who, path, tenant):
                for each in (node, *_joined(node, seen)):
                    if each not in seen:
                        seen[each] = onward
                        queue.append((self._reach(self._becoming.roles[each.arn], each, tenant), onward))
        made = self._becoming.new_role(list(visited))
        if made:
            who, found = made
            self._breach(who, visited[who], tenant, found, PLATFORM, "a role of its own making, with any policy")

    def _around(self, who: Reach, path: Path, tenant: str) -> list[tuple[Node, Path]]:
        """Note what `who` reaches, and return what it can become."""
        try:
            self._look_around(who, path, tenant)
            return list(self._follow(who, path, tenant))
        except Undecided as reason:
            self._proof.undecided.append(Problem(who.role.stack, who.role.address, str(reason)))
            return []

    def _person(self, tenant: str) -> list[Role]:
        """Return the tenant's people: who holds every policy for people, the platform's and the tenant's own."""
        held = [role for stack in (PLATFORM, tenant) for role in self._by_stack.get(stack, []) if role.is_person]
        if not held:
            return []
        return [
            Role(
                tenant,
                ", ".join(role.address for role in held),
                held[0].arn,
                rules=tuple(rule for role in held for rule in role.rules),
                problems=tuple(problem for role in held for problem in role.problems),
                is_person=True,
            )
        ]

    def _reach(self, role: Role, node: Node, tenant: str) -> Reach:
        return Reach(role, node, self._world.account, tenant=tenant)

    def _look_around(self, who: Reach, path: Path, tenant: str) -> None:
        """Note everything of others that `who` reaches, with the first way to each."""
        others = len(self._world.assets) - self._count_of.get(tenant, 0)
        self._proof.questions += others
        reached: set[int] = set()
        for rule, by, asset in self._candidates(who, tenant):
            if asset.stack == tenant or id(asset) in reached or not self._proof.is_complete:
                continue
            try:
                found = way(who, rule, by, asset)
            except Undecided as reason:
                self._proof.undecided.append(Problem(tenant, who.role.address, f"{asset.pattern}: {reason}"))
                continue
            if found:
                reached.add(id(asset))
                self._breach(who, path, tenant, found, asset.stack, asset.address)
        self._proof.undecided += out_of_sight(who, tenant, self._world)

    def _candidates(self, who: Reach, tenant: str) -> Iterator[tuple[Rule, By, Asset]]:
        """Yield each Allow that concerns `who` with each thing of others that it may be about."""
        for rule in who.allows:
            for pattern in _patterns(rule):
                for asset in self.index.meeting(pattern, besides=tenant):
                    yield rule, By.IDENTITY, asset
        for rule, by, assets in (*self._named.get(who.role.arn, ()), *self._open):
            for asset in assets or self._of_account(rule):
                yield rule, by, asset

    def _of_account(self, rule: Rule) -> Iterator[Asset]:
        for pattern in _patterns(rule):
            yield from self.index.meeting(pattern)

    def _follow(self, who: Reach, path: Path, tenant: str) -> Iterator[tuple[Node, Path]]:
        """Yield the tenant's and the platform's roles that `who` can become; being another tenant's is a breach."""
        for step in self._becoming.steps(who):
            role = self._becoming.roles[step.to.arn]
            if role.stack in (tenant, PLATFORM, ""):
                hop = f"{who.label} becomes {role.arn}: {step.way.action}"
                yield step.to, Path(path.start, (*path.chain, hop, *step.way.chain))
            else:
                self._breach(who, path, tenant, step.way, role.stack, role.address, becomes=role.arn)

    def _breach(
        self, who: Reach, path: Path, tenant: str, found: Way, owner: str, address: str, becomes: str = ""
    ) -> None:
        last = f"{who.label} may {found.action} {found.resource}"
        start = path.start
        principal = f"whoever of {tenant} holds {start.address}" if start.is_person else start.arn
        chain = (*path.chain, last, *found.chain)
        breach = Breach(
            tenant, principal, start.address, found.action, becomes or found.resource, owner, address, chain
        )
        request = (tenant, start.arn, breach.action, breach.resource, owner)
        if request in self._known:
            return
        self._known.add(request)
        self._proof.breaches.append(breach)
        self._proof.is_complete = len(self._proof.breaches) < MOST_BREACHES


def _joined(node: Node, seen: Mapping[Node, Path]) -> list[Node]:
    """Return the role as what several principals of a tenant together make of it."""
    same = [other for other in seen if other.arn == node.arn]
    return [
        Node(node.arn, node.is_rewritten or other.is_rewritten, node.is_unbounded or other.is_unbounded)
        for other in same
    ]


Grants = list[tuple[Rule, By, list[Asset]]]


def _grants(world: World) -> tuple[dict[str, Grants], Grants]:
    """Return the resource policies' Allows by the role that they name, and those for anyone."""
    named: dict[str, Grants] = {}
    open_to_all: Grants = []
    arn_of = {(role.arn.split(":")[4], role.name): role.arn for role in world.roles if not role.is_person}
    for rule, assets in _carriers(world):
        spoken = audience.of(rule.statement)
        for arn in spoken.roles:
            named.setdefault(arn, []).append((rule, By.NAMED, assets))
        for session in spoken.sessions & arn_of.keys():
            named.setdefault(arn_of[session], []).append((rule, By.SESSION, assets))
        if spoken.anyone:
            open_to_all.append((rule, By.SESSION, assets))
    return named, open_to_all


def _carriers(world: World) -> Iterator[tuple[Rule, list[Asset]]]:
    """Yield each Allow of a resource policy with the assets that carry it; none means all that its resources cover."""
    found: dict[int, tuple[Rule, list[Asset]]] = {}
    for asset in world.assets:
        for rule in asset.policies:
            found.setdefault(id(rule), (rule, []))[1].append(asset)
    for rule in world.account_policies:
        found.setdefault(id(rule), (rule, []))
    return (pair for pair in found.values() if pair[0].statement.is_allow)


def _patterns(rule: Rule) -> tuple[str, ...]:
    """Return the resources of an Allow for finding candidates: a variable can stand for anything."""
    return tuple(VARIABLE.sub("*", text) for text in rule.statement.resources) or ("*",)
