"""What hands gave a resource beside what Terraform gave it: rights of a role, rules of a security group.

Modules write each as a resource of its own, so no plan would take away another one; the state as it was read shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Resource = Mapping[str, Any]
"""A managed resource of a refreshed state: address, type, values."""
Added = tuple[Resource, tuple[str, ...]]
"""(resource, what it has more, sorted)."""

GIVES_RIGHTS: Mapping[str, str] = {"aws_iam_role_policy": "name", "aws_iam_role_policy_attachment": "policy_arn"}
"""{type that gives a role rights: attribute that names them}."""
RULES: Mapping[str, str] = {
    "aws_vpc_security_group_ingress_rule": "ingress",
    "aws_vpc_security_group_egress_rule": "egress",
}
"""{type that gives a group a rule: attribute in which the group lists all of its own}."""
SOURCES = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups")
"""Attributes of a listed rule that name who it is for, each a list."""
SOURCE = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id")
"""Attributes of a rule of its own, of which one names who it is for."""
EMR_WRITES = "for-use-with-amazon-emr-managed-policies"
"""Tag of groups between which EMR itself writes rules; source: EMR Management Guide, "Managed security groups"."""
ANY_PORT, ANY_PROTOCOL = (None, -1), "-1"


def added_rights(managed: Sequence[Resource]) -> Iterator[Added]:
    """Yield each role with policies that no resource of its stack gave it."""
    given = {
        (item["values"]["role"], item["values"].get(key))
        for type_, key in GIVES_RIGHTS.items()
        for item in managed
        if item["type"] == type_
    }
    for item in managed:
        if item["type"] == "aws_iam_role":
            role = item["values"]
            held = [
                *(policy.get("name") for policy in role.get("inline_policy") or []),
                *(role.get("managed_policy_arns") or []),
            ]
            extra = tuple(sorted(name for name in held if name and (role["name"], name) not in given))
            if extra:
                yield item, extra


def added_rules(managed: Sequence[Resource]) -> Iterator[Added]:
    """Yield each security group with rules that no resource of its stack gave it, and that EMR did not write."""
    given = {
        (item["values"]["security_group_id"], _own(RULES[item["type"]], item["values"]))
        for item in managed
        if item["type"] in RULES
    }
    groups = [item for item in managed if item["type"] == "aws_security_group"]
    emr = {item["values"]["id"] for item in groups if (item["values"].get("tags_all") or {}).get(EMR_WRITES)}
    for item in groups:
        group = item["values"]
        extra = {
            rule
            for rule, source in _listed(group)
            if (group["id"], rule) not in given and not (group["id"] in emr and source in emr)
        }
        if extra:
            yield item, tuple(sorted(extra))


def _listed(group: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (rule, who it is for) of all that a group lists."""
    for way in RULES.values():
        for listed in group.get(way) or []:
            sources = [source for name in SOURCES for source in listed.get(name) or []]
            for source in [*sources, *([group["id"]] if listed.get("self") else [])]:
                yield _rule(way, listed["protocol"], (listed.get("from_port"), listed.get("to_port")), source), source


def _own(way: str, rule: Mapping[str, Any]) -> str:
    source = next((rule[name] for name in SOURCE if rule.get(name)), "")
    return _rule(way, rule["ip_protocol"], (rule.get("from_port"), rule.get("to_port")), source)


def _rule(way: str, protocol: str, ports: Iterable[int | None], source: str) -> str:
    """Return one rule as people read it, the same for both ways in which Terraform tells it."""
    first, last = ports
    if protocol == ANY_PROTOCOL or (first in ANY_PORT and last in ANY_PORT):
        said = "all ports"
    else:
        said = str(first) if first == last else f"{first}-{last}"
    name = "all protocols" if protocol == ANY_PROTOCOL else protocol
    return f"{way} {name} {said} {'from' if way == 'ingress' else 'to'} {source}"
