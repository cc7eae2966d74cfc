"""The data that the authority refers to survives the loss of its bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import NotApplicable, PlanRule, Resource, backed_up, bucket_arn, matches, replicates, zone

CLASSES = ("bronze", "silver", "gold")


class PublishedDataIsReplicated(PlanRule):
    """Requirement: production's curated data is replicated or backed up unless its recovery class is bronze.

    The class is the root variable recovery_class; unsaid, production counts as silver. Replication must take the whole
    bucket, encrypted objects included, which S3 otherwise leaves out without a word, to another bucket. A backup is an
    AWS Backup selection that names the bucket.
    Unknown is treated as: no verdict.
    Source: FSBP S3.7; NYDFS 500.16.
    """

    control = "CSO_S3_11"
    check_id = "CSO_S3_11"
    title = "Published data of class silver and above has a second home"
    types = ("aws_s3_bucket",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        if not plan.context.is_production or zone(resource) != "curated":
            raise NotApplicable("holds no published production data")
        recovery = plan.variables.get("recovery_class") or "silver"
        if recovery not in CLASSES:
            yield f"recovery_class is {recovery!r}, none of {', '.join(CLASSES)}"
        elif recovery == "bronze":
            raise NotApplicable("its recovery class is bronze")
        replicas = plan.referring(resource, "aws_s3_bucket_replication_configuration", "bucket")
        rules = [rule for replica in replicas for rule in replica.blocks("rule")]
        arn = bucket_arn(resource)
        if not any(replicates(rule, arn) for rule in rules) and not any(matches(name, arn) for name in backed_up(plan)):
            yield "neither replication nor a backup takes the whole bucket, its encrypted objects included"


check = PublishedDataIsReplicated()
