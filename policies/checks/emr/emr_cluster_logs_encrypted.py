"""Clusters of the plan log to the platform's bucket, encrypted."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names
from policies.check import Resource, ResourceCheck


class EmrClusterLogsEncrypted(ResourceCheck):
    """Requirement: logs go below emr/ in the platform's log bucket and are encrypted with a customer
    managed key of the account.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.6; SOC 2 CC7.2.
    """

    control = "CSO_EMR_08"
    check_id = "CSO_EMR_08"
    title = "Clusters of the plan log to the platform's bucket, encrypted"
    types = ("aws_emr_cluster",)

    def judge(self, resource: Resource) -> Iterator[str]:
        key = resource.get("log_encryption_kms_key_id")
        own = f"arn:aws:kms:{resource.context.region}:{emr_names.account(resource.context)}:"
        if not isinstance(key, str) or not key.startswith(own) or ":alias/aws/" in key:
            yield f"log_encryption_kms_key_id is {key!r}, no ARN of a customer managed key of this account"
        logs = resource.get("log_uri")
        if not logs:
            yield "the cluster keeps no logs"
            return
        bucket = f"{emr_names.platform(resource.context)}-logs"
        if not str(logs).startswith(f"s3://{bucket}/emr/"):
            yield f"log_uri is {logs!r}, not below s3://{bucket}/emr/"


check = EmrClusterLogsEncrypted()
