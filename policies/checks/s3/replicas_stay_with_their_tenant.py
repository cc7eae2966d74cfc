"""What replicates a bucket copies it into another bucket of the same stack, and not to a stranger."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck


class ReplicasStayWithTheirTenant(ResourceCheck):
    """Requirement: each replication rule copies to a bucket of the same stack, by its name, in this account.

    Unknown is treated as: no verdict.
    Source: NYDFS 500.7, 500.16; AWS data perimeters, resource perimeter.
    """

    control = "CSO_S3_11"
    check_id = "CSO_S3_11_REPLICA"
    title = "Replicas stay with their tenant"
    types = ("aws_s3_bucket_replication_configuration",)

    def judge(self, resource: Resource) -> Iterator[str]:
        context = resource.context
        rules = resource.blocks("rule")
        if not rules:
            yield "no rule says where to"
        for rule in rules:
            target = rule.block("destination")
            if not str(target.get("bucket")).startswith(f"arn:aws:s3:::{context.name}-"):
                yield f"copies to {target.get('bucket')!r}, which is no bucket of {context.name}"
            if target.get("account") not in (None, "", context.account_id):
                yield f"copies to account {target.get('account')!r}"


check = ReplicasStayWithTheirTenant()
