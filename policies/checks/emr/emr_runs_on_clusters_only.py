"""Spark runs on EMR clusters only."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck


class EmrRunsOnClustersOnly(ResourceCheck):
    """Requirement: EMR Serverless and EMR on EKS know no security configuration, so none of EMR's controls would
    hold there.
    Unknown is treated as: does not occur: a resource is planned or not.
    Source: FSBP EMR.3 and EMR.4.
    """

    control = "CSO_EMR_05"
    check_id = "CSO_EMR_05_OTHERS"
    title = "Spark runs on EMR clusters only"
    types = ("aws_emrserverless_application", "aws_emrcontainers_virtual_cluster", "aws_emrcontainers_job_template")

    def judge(self, resource: Resource) -> Iterator[str]:
        yield f"{resource.type} cannot use a security configuration"


check = EmrRunsOnClustersOnly()
