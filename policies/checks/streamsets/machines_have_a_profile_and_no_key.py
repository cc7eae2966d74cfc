"""A machine of ours, such as the StreamSets engine, acts by its instance profile and lets nobody in by key."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.emr_fleet import number
from policies.check import Resource, ResourceCheck


class MachinesHaveAProfileAndNoKey(ResourceCheck):
    """Requirement: an instance profile, IMDSv2 with one hop, encrypted disks; no key, user data or public address.

    User data is readable for whoever may describe the machine: secrets have often stood there. A launch template or a
    network interface of its own could say all of this otherwise.
    Compliant example: modules/streamsets.
    Non-compliant example: `key_name = "ops"`; `user_data` that writes credentials; `http_tokens = "optional"`.
    Unknown is treated as: no verdict; an address or a key that only the provider will say is not set by us.
    Source: CSO catalogue, StreamSets hosts; FSBP EC2.8, EC2.9; CIS 6.7.
    """

    control = "CSO_SDC_04"
    check_id = "CSO_SDC_04"
    title = "A machine acts by its instance profile and has no key"
    types = ("aws_instance",)

    def judge(self, resource: Resource) -> Iterator[str]:
        if not resource.is_unknown("iam_instance_profile") and not resource.get("iam_instance_profile"):
            yield "iam_instance_profile is absent: it would need keys of its own"
        for attribute in ("key_name", "user_data", "user_data_base64", "launch_template", "network_interface"):
            if not _is_computed(resource, attribute) and resource.get(attribute):
                yield f"{attribute} is set"
        if resource.get("associate_public_ip_address") is not False:
            yield "associate_public_ip_address is not false"
        options = resource.block("metadata_options")
        if options.get("http_tokens") != "required" or number(options, "http_put_response_hop_limit") != 1:
            yield "metadata_options demand no IMDSv2 token, or let it travel more than one hop"
        disks = [] if _is_computed(resource, "ebs_block_device") else resource.blocks("ebs_block_device")
        for disk in (resource.block("root_block_device"), *disks):
            if disk.get("encrypted") is not True or (not disk.is_unknown("kms_key_id") and not disk.get("kms_key_id")):
                yield f"{disk.path} is not encrypted with a key of ours"


def _is_computed(resource: Resource, attribute: str) -> bool:
    return resource.is_unknown(attribute) and resource.sources(attribute) <= {f"{resource.address}.{attribute}"}


check = MachinesHaveAProfileAndNoKey()
