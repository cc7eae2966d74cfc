"""Puts the plans of one environment together into what the proof reasons about."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from policies.context import PLATFORM
from policies.errors import ArtefactUnreadable, Undecided
from policies.isolation import audience
from policies.isolation.assets import AssetReader
from policies.isolation.hosts import HostReader
from policies.isolation.model import Asset, Problem, Role, Rule, World
from policies.isolation.places import Places, deploying
from policies.isolation.reach import may
from policies.isolation.reading import problem
from policies.isolation.roles import RoleReader
from policies.isolation.symbols import with_own_keys
from policies.isolation.types import GRANTS_NOTHING, PLATFORMS_ALONE, READ
from policies.plan import Plan

CONFIGURED = "security_configuration"
SCOPED = "AuthorizationConfiguration.IAMConfiguration.EnableApplicationScopedIAMRole"


def world_of(plans: Sequence[Plan]) -> World:
    """Return the world of `plans`: the platform's and every tenant's, of one environment.

    Raises:
        ArtefactUnreadable: they are not the plans of one environment, each stack once, with the platform.
    """
    first = _one_environment(plans)
    plans = [with_own_keys(plan) for plan in plans]
    platform = next(plan for plan in plans if plan.context.is_platform)
    world = World(first.context.account_id, first.context.region)
    roles = RoleReader(world.account)
    assets = AssetReader(world.account, world.region)
    hosts = HostReader(world.account, world.region, assets.policies_of_buckets)
    for plan in plans:
        roles.read(plan)
        world.assets += assets.read(plan)
        world.hosts += hosts.read(plan)
        world.problems += _unknown_types(plan)
    places = Places(platform, assets.policies_of_buckets)
    for plan in plans:
        if not plan.context.is_platform:
            world.assets += _by_convention(places, plan, world)
    world.assets += places.of_platform()
    world.roles = roles.roles()
    _doubt_tags(world.roles)
    world.assets += [
        Asset(role.stack, role.address, "role", role.arn, tags=role.tags)
        for role in world.roles
        if not role.is_person and role.stack not in ("", PLATFORM)
    ]
    world.account_policies = assets.account_policies
    world.nodes_are_closed = _nodes_are_closed(plans, world)
    world.problems += [*roles.problems, *assets.problems, *hosts.problems, *_missing(plans)]
    _check_audiences(world)
    return world


def _one_environment(plans: Sequence[Plan]) -> Plan:
    stacks = [plan.context.stack for plan in plans]
    environments = {(plan.context.environment, plan.context.account_id, plan.context.region) for plan in plans}
    if len(environments) != 1 or stacks.count(PLATFORM) != 1 or len(set(stacks)) != len(stacks):
        raise ArtefactUnreadable(
            f"isolation cannot be proved over the plans of {', '.join(sorted(stacks)) or 'no stack'}",
            expected="the platform's plan and each tenant's plan, once, of one environment",
        )
    if not all(next(iter(environments))):
        raise ArtefactUnreadable("isolation cannot be proved: the environment's account or region is not known")
    return plans[0]


def _unknown_types(plan: Plan) -> list[Problem]:
    stack = plan.context.stack
    unknown = [item for item in plan.resources.values() if item.type not in READ and item.type not in GRANTS_NOTHING]
    unprotected = [] if plan.context.is_platform else plan.of_type(*sorted(PLATFORMS_ALONE))
    return [
        *(problem(stack, item, f"the proof does not know what a {item.type} can hold or grant") for item in unknown),
        *(
            problem(stack, item, f"the proof does not protect a tenant's {item.type} from others")
            for item in unprotected
        ),
    ]


def _doubt_tags(roles: Sequence[Role]) -> None:
    """Forget the tags of all roles where somebody of the account may change some."""
    if any(may(rule.statement, "iam:TagRole", "iam:UntagRole") for role in roles for rule in role.rules):
        for role in roles:
            role.tags = None


def _by_convention(places: Places, plan: Plan, world: World) -> list[Asset]:
    try:
        return list(places.of_tenant(plan))
    except Undecided as reason:
        world.problems.append(Problem(plan.context.stack, "access logs", str(reason)))
        return []


def _nodes_are_closed(plans: Sequence[Plan], world: World) -> bool:
    """Tell whether EMR keeps jobs from their machine's role: each configuration, and each cluster has one of them."""
    found = [(plan, item) for plan in plans for item in plan.of_type("aws_emr_security_configuration")]
    closed = []
    for plan, item in found:
        try:
            closed.append(item.document("configuration").get(SCOPED) is True)
        except Undecided as reason:
            world.problems.append(problem(plan.context.stack, item, reason))
            closed.append(True)  # the problem has the last word
    clusters = [item for plan in plans for item in plan.of_type("aws_emr_cluster")]
    names = {item.values.get("name") for _, item in found}
    are_ours = all(item.is_unknown(CONFIGURED) or item.get(CONFIGURED) in names for item in clusters)
    return bool(closed) and all(closed) and are_ours


def _missing(plans: Sequence[Plan]) -> list[Problem]:
    """Return a problem for each tenant of the environment whose plan is not there."""
    tenants = {tenant for plan in plans for tenant in plan.context.tenants}
    absent = sorted(tenants - {plan.context.stack for plan in plans})
    return [Problem(tenant, "plan", "is not among the plans") for tenant in absent]


def _check_audiences(world: World) -> None:
    """Note every resource policy of which it cannot be told who they are that it lets in, and count the statements."""
    resource_rules: dict[int, Rule] = {}
    for asset in world.assets:
        resource_rules.update((id(rule), rule) for rule in asset.policies)
    for role in world.roles:
        resource_rules.update((id(rule), rule) for rule in role.trust)
    resource_rules.update((id(rule), rule) for rule in world.account_policies)
    known = {role.arn for role in world.roles if role.stack}
    for rule in resource_rules.values():
        why = audience.unclear(rule.statement) or _stranger(rule, known, world.account)
        if why:
            stack, _, address = rule.where.partition(": ")
            world.problems.append(Problem(stack, address, f"{rule.statement.label}: {why}"))
    identity = sum(len(role.rules) + len(role.boundary or ()) for role in world.roles)
    world.statements = identity + len(resource_rules)


def _stranger(rule: Rule, known: Collection[str], account: str) -> str:
    """Return what is wrong with an Allow for a role of this account that no stack makes and that does not deploy.

    People may hold it, of any tenant: the role of a permission set, say.
    """
    if rule.statement.is_allow:
        for arn in sorted(audience.of(rule.statement).roles - set(known)):
            if arn.startswith(f"arn:aws:iam::{account}:role/") and not arn.startswith(deploying(account)):
                return f"{arn} is a role that no stack makes, so whose it is cannot be told"
    return ""
