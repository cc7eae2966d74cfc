"""What the trail recorded is whole: of every region, signed, encrypted, and never paused."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck


class TrailCannotBeFalsified(ResourceCheck):
    """Requirement: a trail logs in every region, with log file validation, under a named key.

    Logging is on when nothing is said.
    Unknown is treated as: no verdict.
    Source: FSBP CloudTrail.2, CloudTrail.4; NYDFS 500.6.
    """

    control = "CSO_S3_06"
    check_id = "CSO_S3_06_TRAIL_KEPT"
    title = "The account's trail cannot be paused or falsified"
    types = ("aws_cloudtrail",)

    def judge(self, resource: Resource) -> Iterator[str]:
        if resource.get("enable_logging") is False:
            yield "enable_logging is False"
        for setting in ("enable_log_file_validation", "is_multi_region_trail"):
            if resource.get(setting) is not True:
                yield f"{setting} is {resource.get(setting)!r}"
        if not resource.is_unknown("kms_key_id") and not resource.get("kms_key_id"):
            yield "kms_key_id names no key"


check = TrailCannotBeFalsified()
