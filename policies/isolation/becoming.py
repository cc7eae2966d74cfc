"""How a principal becomes another role: assume it, pass it, run as it, or rewrite what it may do.

Who can be a role is that role, whatever the platform trusts the role for. Passing alone counts: somewhere there is a
service that takes the role. So does rewriting: who writes a role's policies decides what the role may do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from policies import globs
from policies.errors import Undecided
from policies.isolation import audience
from policies.isolation.access import By, Way, by_policy, way
from policies.isolation.conditions import VARIABLE, substitute
from policies.isolation.facts import ABSENT, Domain, Facts
from policies.isolation.index import Index
from policies.isolation.model import Asset, Host, Role, Rule, World
from policies.isolation.reach import Node, Reach, may

ASSUME = ("sts:AssumeRole",)
REWRITE = ("iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:DeleteRolePolicy")
UNBIND = ("iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary")
RETRUST = ("iam:UpdateAssumeRolePolicy",)
PASS = ("iam:PassRole",)
NEW_VERSION = ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion")
MAKE = ("iam:CreateRole",)
FILL = ("iam:PutRolePolicy", "iam:AttachRolePolicy")
RUN_STEP = ("elasticmapreduce:AddJobFlowSteps", "elasticmapreduce:GetClusterSessionCredentials")
STEP_ROLE = "elasticmapreduce:executionrolearn"
EC2 = "ec2.amazonaws.com"


@dataclass(frozen=True)
class Step:
    """One hop: the node that is reached, and the request that reaches it."""

    to: Node
    way: Way


class Becoming:
    """Answers which nodes a principal can become, over one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.roles = {role.arn: role for role in world.roles if not role.is_person}
        self.by_name = {role.name: role for role in self.roles.values()}
        self._things = {arn: _as_asset(role) for arn, role in self.roles.items()}
        self._index = Index(self._things.values())
        self._machines = [role for role in self.roles.values() if EC2 in role.services]
        self._naming: dict[str, list[tuple[Role, Rule, By]]] = {}
        self._open: list[tuple[Role, Rule]] = []
        for role in self.roles.values():
            self._note_trust(role)
        self._users_of: dict[str, list[tuple[Role, bool]]] = {}
        for role in world.roles:
            for arn in role.attached:
                self._users_of.setdefault(arn, []).append((role, False))
            if role.bounded_by:
                self._users_of.setdefault(role.bounded_by, []).append((role, True))
        own = {asset.pattern: asset for asset in world.assets if asset.kind == "policy"}
        used = {arn: Asset("", arn, "policy", arn) for arn in self._users_of if arn.split(":")[4] == world.account}
        self._policies = Index({**used, **own}.values())

    def _note_trust(self, role: Role) -> None:
        for rule in role.trust:
            if not may(rule.statement, *ASSUME):
                continue
            spoken = audience.of(rule.statement)
            for arn in spoken.roles:
                self._naming.setdefault(arn, []).append((role, rule, By.NAMED))
            for _, name in spoken.sessions:
                if name in self.by_name:
                    self._naming.setdefault(self.by_name[name].arn, []).append((role, rule, By.SESSION))
            if spoken.anyone:
                self._open.append((role, rule))

    def steps(self, who: Reach) -> Iterator[Step]:
        """Yield every role that `who` can become at once."""
        yield from self._by_trust(who)
        for rule in who.allows:
            statement = rule.statement
            if may(statement, *ASSUME):
                yield from self._by_own_policy(who, rule)
            if may(statement, *PASS):
                yield from self._by_passing(who, rule)
            if may(statement, *REWRITE, *UNBIND, *RETRUST):
                yield from self._by_rewriting(who, rule)
            if may(statement, *NEW_VERSION):
                yield from self._by_new_version(who, rule)
            if may(statement, *RUN_STEP):
                yield from self._by_running(who, rule)
            yield from self._by_host(who, rule)
        yield from self._by_hosts_policy(who)
        yield from self._by_machine(who)

    def new_role(self, everyone: Sequence[Reach]) -> tuple[Reach, Way] | None:
        """Return who of a tenant can make a role that somebody of it can fill with any policy, and the request."""
        makes = [(who, rule) for who in everyone for rule in who.allows if may(rule.statement, *MAKE)]
        fills = [(who, rule) for who in everyone for rule in who.allows if may(rule.statement, *FILL)] if makes else []
        for (maker, make), (filler, fill) in product(makes, fills):
            for one, other in product(_patterns(make), _patterns(fill)):
                common = globs.witness([f"arn:aws:iam::{self._world.account}:role/*", one, other])
                if common is None:
                    continue
                asset = Asset("", "a new role", "role", common)
                made, filled = way(maker, make, By.IDENTITY, asset, MAKE), way(filler, fill, By.IDENTITY, asset, FILL)
                if made and filled:
                    return maker, Way(made.action, made.resource, (*made.chain, *filled.chain))
        return None

    def _by_trust(self, who: Reach) -> Iterator[Step]:
        """Roles whose trust policy names this one, or anyone: that suffices within an account."""
        named = self._naming.get(who.role.arn, [])
        for role, rule, by in (*named, *((role, rule, By.SESSION) for role, rule in self._open)):
            found = way(who, rule, by, self._things[role.arn], ASSUME)
            if found:
                yield Step(Node(role.arn), found)

    def _by_own_policy(self, who: Reach, rule: Rule) -> Iterator[Step]:
        """Roles whose trust policy names the account: then the principal's own policy decides."""
        for role, asset in self._roles_in(rule):
            if not any(audience.of(each.statement).includes(who.role, delegated=True) for each in role.trust):
                continue
            found = way(who, rule, By.IDENTITY, asset, ASSUME)
            trusted = found and self._trusted_through_account(who, role, asset)
            if found and trusted:
                yield Step(Node(role.arn), Way(found.action, found.resource, (*found.chain, *trusted.chain)))

    def _trusted_through_account(self, who: Reach, role: Role, asset: Asset) -> Way | None:
        for each in role.trust:
            if each.statement.is_allow and audience.of(each.statement).includes(who.role, delegated=True):
                found = way(who, each, By.SESSION, asset, ASSUME)
                if found:
                    return found
        return None

    def _roles_in(self, rule: Rule) -> Iterator[tuple[Role, Asset]]:
        """Yield the roles that a rule's resources can mean."""
        for pattern in _patterns(rule):
            for asset in self._index.meeting(pattern):
                yield self.roles[asset.pattern], asset

    def _by_passing(self, who: Reach, rule: Rule) -> Iterator[Step]:
        for role, asset in self._roles_in(rule):
            if role.services:
                passed = _with(asset, {"iam:passedtoservice": (*role.services,)})
                yield from _step(Node(role.arn), way(who, rule, By.IDENTITY, passed, PASS))

    def _by_rewriting(self, who: Reach, rule: Rule) -> Iterator[Step]:
        for role, asset in self._roles_in(rule):
            same = who.node if role.arn == who.node.arn else Node(role.arn)
            changes = {
                REWRITE: Node(role.arn, True, same.is_unbounded),
                UNBIND: Node(role.arn, same.is_rewritten, True),
                RETRUST: same,
            }
            for wanted, node in changes.items():
                if node != who.node:
                    yield from _step(node, way(who, rule, By.IDENTITY, asset, wanted))

    def _by_new_version(self, who: Reach, rule: Rule) -> Iterator[Step]:
        """Policies whose text it can replace, so the roles that they are attached to, or that they bound.

        Raises:
            Undecided: people hold one of them, and who they are is in no plan.
        """
        for pattern in _patterns(rule):
            for asset in self._policies.meeting(pattern):
                for role, is_boundary in self._users_of.get(asset.pattern, []):
                    if role.is_person and way(who, rule, By.IDENTITY, asset, NEW_VERSION):
                        raise Undecided(f"{rule} lets {who.label} rewrite {asset.pattern}, which people hold")
                    if role.is_person:
                        continue
                    same = who.node if role.arn == who.node.arn else Node(role.arn)
                    node = Node(role.arn, same.is_rewritten or not is_boundary, same.is_unbounded or is_boundary)
                    if node != who.node:
                        yield from _step(node, way(who, rule, By.IDENTITY, asset, NEW_VERSION))

    def _by_running(self, who: Reach, rule: Rule) -> Iterator[Step]:
        """Roles that a step on a cluster can run as: those that a machine's role can assume, or the machine's."""
        cluster = self._thing("elasticmapreduce", "cluster/*")
        for role in self._machines:
            with_none = _with(cluster, {STEP_ROLE: (ABSENT,)})
            yield from _step(Node(role.arn), way(who, rule, By.IDENTITY, with_none, RUN_STEP))
        for pattern in _step_roles(rule, who.facts):
            for asset in self._index.meeting(pattern):
                if self._runner_of(self.roles[asset.pattern]):
                    as_role = _with(cluster, {STEP_ROLE: (asset.pattern,)})
                    yield from _step(Node(asset.pattern), way(who, rule, By.IDENTITY, as_role, RUN_STEP))

    def _runner_of(self, role: Role) -> Role | None:
        """Return a machine's role that `role` trusts, by name or through the account."""
        for each in role.trust:
            spoken = audience.of(each.statement)
            if each.statement.is_allow:
                for machine in self._machines:
                    if spoken.includes(machine, delegated=True):
                        return machine
        return None

    def _by_machine(self, who: Reach) -> Iterator[Step]:
        """The role of the machine that its code runs on, unless EMR keeps the two apart."""
        if self._world.nodes_are_closed or who.role.is_person:
            return
        machine = self._runner_of(who.role)
        if machine:
            said = "no EMR security configuration sets EnableApplicationScopedIAMRole: jobs get the machine's role"
            yield Step(Node(machine.arn), Way("imds:GetCredentials", machine.arn, (said,)))

    def _by_host(self, who: Reach, rule: Rule) -> Iterator[Step]:
        for host in self._world.hosts:
            if may(rule.statement, *host.actions):
                yield from self._as_host(host, way(who, rule, By.IDENTITY, host.asset, host.actions))

    def _by_hosts_policy(self, who: Reach) -> Iterator[Step]:
        """Hosts whose code lies where a bucket's policy lets the principal write."""
        for host in self._world.hosts:
            for rule in host.asset.policies:
                by = by_policy(rule, who.role) if may(rule.statement, *host.actions) else None
                if by:
                    yield from self._as_host(host, way(who, rule, by, host.asset, host.actions))

    def _as_host(self, host: Host, found: Way | None) -> Iterator[Step]:
        """Yield the roles that a host runs as, where `found` commands it."""
        for name in host.roles if found else ():
            if found and name in self.by_name:
                hop = Way(found.action, found.resource, (*found.chain, host.how))
                yield Step(Node(self.by_name[name].arn), hop)

    def _thing(self, service: str, rest: str) -> Asset:
        return Asset("", rest, "", f"arn:aws:{service}:*:{self._world.account}:{rest}")


def _as_asset(role: Role) -> Asset:
    return Asset(role.stack, role.address, "role", role.arn, role.trust, tags=role.tags)


def _with(asset: Asset, facts: Mapping[str, Domain]) -> Asset:
    return Asset(
        asset.stack, asset.address, asset.kind, asset.pattern, asset.policies, {**asset.facts, **facts}, asset.tags
    )


def _patterns(rule: Rule) -> Iterable[str]:
    """Return the resources of an Allow for finding candidates: a variable can stand for anything."""
    return [VARIABLE.sub("*", text) for text in rule.statement.resources] or ["*"]


def _step_roles(rule: Rule, facts: Facts) -> Iterable[str]:
    """Return patterns of the roles that a rule's conditions let a step run as; `*` when they do not say."""
    for operator, tests in rule.statement.conditions.items():
        if STEP_ROLE in tests and operator.lower() in ("arnlike", "arnequals", "stringlike", "stringequals"):
            return [substitute(text, facts) or VARIABLE.sub("*", text) for text in tests[STEP_ROLE]]
    return ["*"]


def _step(node: Node, found: Way | None) -> Iterator[Step]:
    if found:
        yield Step(node, found)
