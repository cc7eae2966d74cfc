"""EMR refuses public security groups, without exceptions."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck


class EmrPublicAccessBlocked(ResourceCheck):
    """Requirement: the account's block of public access is on and excepts no port, not even 22, which AWS excepts
    by default.
    Unknown is treated as: no verdict.
    Source: FSBP EMR.2.
    """

    control = "CSO_EMR_02"
    check_id = "CSO_EMR_02"
    title = "EMR refuses public security groups, without exceptions"
    types = ("aws_emr_block_public_access_configuration",)

    def judge(self, resource: Resource) -> Iterator[str]:
        if resource.get("block_public_security_group_rules") is not True:
            yield "block_public_security_group_rules is not true"
        for excepted in resource.blocks("permitted_public_security_group_rule_range"):
            yield f"ports {excepted.get('min_range')!r} to {excepted.get('max_range')!r} are excepted"


check = EmrPublicAccessBlocked()
