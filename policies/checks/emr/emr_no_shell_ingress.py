"""No security group lets SSH or EMR's control port in."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Block, Resource, ResourceCheck


class EmrNoShellIngress(ResourceCheck):
    """Requirement: no rule lets port 22 or 8443 in; a group's members may reach each other. EMR itself writes
    8443 into its service group.
    Unknown is treated as: no verdict.
    Source: CIS AWS 6.3 and 6.4; FSBP EC2.13.
    """

    control = "CSO_EMR_15"
    check_id = "CSO_EMR_15_INGRESS"
    title = "No security group lets SSH or EMR's control port in"
    types = (
        "aws_security_group",
        "aws_default_security_group",
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
    )

    def judge(self, resource: Resource) -> Iterator[str]:
        for rule in self._ingress(resource):
            for port in (22, 8443):
                if self._lets_in(rule, port) and not self._is_among_members(resource, rule):
                    yield f"port {port} is let in"

    @staticmethod
    def _ingress(resource: Resource) -> list[Block]:
        if resource.type in ("aws_security_group", "aws_default_security_group"):
            # unknown and made of nothing: the block is not written here, rules are resources of their own
            own_rules = resource.is_unknown("ingress") and not resource.sources("ingress")
            return [] if own_rules else resource.blocks("ingress")
        if resource.type == "aws_security_group_rule" and resource.get("type") == "egress":
            return []
        return [resource]

    @staticmethod
    def _lets_in(rule: Block, port: int) -> bool:
        protocol = str(rule.get("ip_protocol") or rule.get("protocol"))
        if protocol not in ("tcp", "6"):
            return protocol not in ("udp", "17", "icmp", "1", "icmpv6", "58")
        first, last = rule.get("from_port"), rule.get("to_port")
        return first is None or last is None or int(first) <= port <= int(last)

    @staticmethod
    def _is_among_members(resource: Resource, rule: Block) -> bool:
        """Tell whether the rule's only source is the group that it belongs to."""
        if any(
            rule.get(name) for name in ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "cidr_ipv4", "cidr_ipv6")
        ):
            return False
        if rule.values.get("self") is True:
            return not rule.is_unknown("security_groups") and not rule.get("security_groups")
        source, own = "referenced_security_group_id", "security_group_id"
        if resource.is_unknown(source) or resource.is_unknown(own):
            return bool(resource.sources(own)) and resource.sources(source) == resource.sources(own)
        return resource.get(own) is not None and resource.get(source) == resource.get(own)


check = EmrNoShellIngress()
