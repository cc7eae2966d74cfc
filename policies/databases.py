"""What surrounds a database in its plan: the groups that let clients in, its parameters, its log groups.

Decides which resource belongs to which database; it must not know what any control asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from typing import TYPE_CHECKING

from policies.companions import left_to_aws
from policies.errors import Undecided

if TYPE_CHECKING:  # policies.check hands this module's functions on to the checks
    from policies.check import Block, Resource
    from policies.plan import Plan

KEEPS_DAYS = 1827
"""Five years, leap years among them: how long production's audit trails are kept. 23 NYCRR 500.6(b) asks for three of
what shows an attack, and for five of what business can be reconstructed by; who read and loaded what is both."""
KEEPS_DAYS_ELSEWHERE = 90


def parameters(group: Resource) -> dict[str, str]:
    """Return `{name: value}` of a parameter group, values as text in lower case.

    Raises:
        Undecided: a name stands twice, and which value AWS takes cannot be told.
    """
    found = [(str(item.get("name")), str(item.get("value")).lower()) for item in group.blocks("parameter")]
    if len(dict(found)) != len(found):
        raise Undecided(f"{group.address} says a parameter twice")
    return dict(found)


def parameter_group(database: Resource, attribute: str, groups: Iterable[Resource]) -> Resource | None:
    """Return the parameter group of the plan that `attribute` names, by name or by reference; None when it is none.

    Raises:
        Undecided: the attribute is unknown, and not made of one of the groups.
    """
    groups = list(groups)
    sources = database.sources(attribute)
    for group in groups:
        if sources and all(source.startswith(f"{group.address}.") for source in sources):
            return group
    name = database.get(attribute)
    return next((group for group in groups if name and group.get("name") == name), None)


def security_groups(database: Resource, attribute: str, plan: Plan) -> list[Resource]:
    """Return the security groups of the plan that let clients in to a database.

    Raises:
        Undecided: one of them is not made by this plan, or cannot be told.
    """
    groups = plan.of_type("aws_security_group")
    sources = database.sources(attribute)
    found = [group for group in groups if any(source.startswith(f"{group.address}.") for source in sources)]
    stray = [source for source in sources if not any(source.startswith(f"{group.address}.") for group in found)]
    if database.is_unknown(attribute):
        if stray or not sources:
            raise Undecided(f"{attribute} is known only after the apply, and not made of this plan's groups alone")
        return found
    for name in database.strings(attribute):
        named = [group for group in groups if group.values.get("id") == name]
        if not named:
            raise Undecided(f"{attribute} names {name!r}, which this plan does not make")
        found += named
    return found


def ways_in(group: Resource, plan: Plan, port: int) -> Iterator[str]:
    """Yield what lets more in to a security group than named groups, or private addresses, on one port."""
    for rule in plan.referring(group, "aws_vpc_security_group_ingress_rule", "security_group_id"):
        addresses = [rule.get("cidr_ipv4"), rule.get("cidr_ipv6")]
        has_source = any(addresses) or rule.is_unknown("referenced_security_group_id")
        if not has_source and not rule.get("referenced_security_group_id"):
            yield f"{rule.address} names neither a group nor addresses"
        yield from _wide(
            rule, rule.address, [address for address in addresses if address], rule.get("ip_protocol"), port
        )
    for rule in plan.referring(group, "aws_security_group_rule", "security_group_id"):
        if rule.get("type") == "ingress":
            addresses = _ranges(rule)
            yield from _wide(rule, rule.address, addresses, rule.get("protocol"), port)
    if not left_to_aws(group, "ingress"):  # else AWS mirrors the rules above
        for block in group.blocks("ingress"):
            addresses = _ranges(block)
            yield from _wide(block, f"{group.address} ingress", addresses, block.get("protocol"), port)


def _ranges(rule: Block) -> list[str]:
    """Return whom a rule names by address; a prefix list, which may hold any range, as the widest one."""
    lists = ["0.0.0.0/0"] if rule.strings("prefix_list_ids") else []
    return [*rule.strings("cidr_blocks"), *rule.strings("ipv6_cidr_blocks"), *lists]


def _wide(rule: Block, here: str, addresses: Iterable[str], protocol: str | None, port: int) -> Iterator[str]:
    if protocol != "tcp" or rule.get("from_port") != port or rule.get("to_port") != port:
        yield f"{here} opens {protocol!r} {rule.get('from_port')!r} to {rule.get('to_port')!r}, not tcp {port} alone"
    for address in addresses:
        try:
            network = ip_network(address, strict=False)
        except ValueError:
            raise Undecided(f"{here}: {address!r} is no address range") from None
        if not network.is_private or network.prefixlen < 8:
            yield f"{here} lets {address!r} in"


def log_groups_kept(names: Iterable[str], plan: Plan) -> Iterator[str]:
    """Yield the log groups that the plan does not make, or keeps too briefly; retention 0 keeps them for ever."""
    needed = KEEPS_DAYS if plan.context.is_production else KEEPS_DAYS_ELSEWHERE
    groups = {group.get("name"): group for group in plan.of_type("aws_cloudwatch_log_group")}
    for name in names:
        group = groups.get(name)
        if group is None:
            yield f"no aws_cloudwatch_log_group {name!r}: AWS makes it without retention or key"
            continue
        days = group.get("retention_in_days")
        if not isinstance(days, int) or 0 < days < needed:
            yield f"{group.address} keeps {days!r} days, not {needed}"
        if not group.is_unknown("kms_key_id") and not group.get("kms_key_id"):
            yield f"{group.address} has no key"
