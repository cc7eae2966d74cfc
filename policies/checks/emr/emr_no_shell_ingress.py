"""No security group lets SSH or EMR's control port in."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_network
from policies.check import Resource, ResourceCheck


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
        for rule in emr_network.ingress_rules(resource):
            for port in (22, 8443):
                if emr_network.lets_in(rule, port) and not emr_network.is_among_members(resource, rule):
                    yield f"port {port} is let in"


check = EmrNoShellIngress()
