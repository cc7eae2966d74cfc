"""Clusters of the plan have no SSH key."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck

GROUPS = ("emr_managed_master_security_group", "emr_managed_slave_security_group", "service_access_security_group")


class EmrClusterWithoutSshKey(ResourceCheck):
    """Requirement: no key pair opens a node; people reach it through Session Manager, which records them. Nodes are in
    groups that are named, whose rules CSO_EMR_15_INGRESS judges.
    Unknown is treated as: no verdict.
    Source: CIS AWS 6.3; FSBP EC2.13.
    """

    control = "CSO_EMR_15"
    check_id = "CSO_EMR_15"
    title = "Clusters of the plan have no SSH key"
    types = ("aws_emr_cluster",)

    def judge(self, resource: Resource) -> Iterator[str]:
        attributes = resource.block("ec2_attributes")
        if attributes.get("key_name"):
            yield f"ec2_attributes.key_name is {attributes.get('key_name')!r}"
        for name in ("additional_master_security_groups", "additional_slave_security_groups"):
            if attributes.get(name):
                yield f"ec2_attributes.{name} adds groups beside the platform's"
        for name in GROUPS:
            if not attributes.is_unknown(name) and not attributes.get(name):
                yield f"ec2_attributes.{name} is not said: EMR would make a group whose rules no plan shows"


check = EmrClusterWithoutSshKey()
