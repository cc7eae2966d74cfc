"""The authority's database is encrypted, private and, in production, protected from deletion and a zone's loss."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck


class RdsIsPrivateAndProtected(ResourceCheck):
    """Requirement: a database is encrypted with a named key, has no public address and stands in a named subnet group;
    in production it refuses deletion, leaves a final snapshot and has a standby in a second zone.

    Compliant example: storage_encrypted, kms_key_id, publicly_accessible = false, deletion_protection, multi_az
    Non-compliant example: storage_encrypted unsaid, which RDS takes for false
    Unknown is treated as: no verdict.
    Source: FSBP RDS.2, RDS.3, RDS.5, RDS.8; CIS AWS 3.2.1 to 3.2.4."""

    control = "CSO_RDS_01"
    check_id = "CSO_RDS_01"
    title = "The database is encrypted, private and protected"
    types = ("aws_db_instance", "aws_rds_cluster", "aws_rds_cluster_instance")

    def judge(self, resource: Resource) -> Iterator[str]:
        needed: dict[str, bool] = {}
        if resource.type != "aws_rds_cluster":
            needed["publicly_accessible"] = False
        if resource.type != "aws_rds_cluster_instance":
            needed["storage_encrypted"] = True
            key = resource.get("kms_key_id")
            if not isinstance(key, str) or not key.startswith("arn:aws:kms:") or ":alias/aws/" in key:
                yield f"kms_key_id is {key!r}, no customer managed key"
            group = str(resource.get("db_subnet_group_name") or "default")
            if group.startswith("default"):
                yield f"db_subnet_group_name is {group!r}, which stands in the default VPC"
            if resource.context.is_production:
                needed |= {"deletion_protection": True, "skip_final_snapshot": False}
        if resource.type == "aws_db_instance" and resource.context.is_production:
            needed["multi_az"] = True
        for attribute, value in needed.items():
            if resource.get(attribute) is not value:
                yield f"{attribute} is {resource.get(attribute)!r}, not {str(value).lower()}"


check = RdsIsPrivateAndProtected()
