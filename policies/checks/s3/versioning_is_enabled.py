"""A bucket's versioning is on, neither off nor suspended."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck


class VersioningIsEnabled(ResourceCheck):
    """Requirement: the status of a bucket's versioning is Enabled.

    What the rule CSO_S3_04 asks of a bucket among its plan, asked of the setting itself, as Checkov's command can do.
    Unknown is treated as: no verdict.
    Source: FSBP S3.14; NYDFS 500.6.
    """

    control = "CSO_S3_04"
    check_id = "CSO_S3_04_STATUS"
    title = "A bucket's versioning is enabled"
    types = ("aws_s3_bucket_versioning",)

    def judge(self, resource: Resource) -> Iterator[str]:
        status = resource.get("versioning_configuration.status")
        if status != "Enabled":
            yield f"versioning is {status!r}"


check = VersioningIsEnabled()
