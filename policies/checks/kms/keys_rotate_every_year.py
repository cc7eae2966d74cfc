"""Keys rotate every year."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck, left_to_aws

MOST_DAYS = 365


class KeysRotateEveryYear(ResourceCheck):
    """Requirement: automatic rotation is on, every year at the latest, which is what KMS does when no period is said.

    Unknown is treated as: no verdict.
    Source: FSBP KMS.4.
    """

    control = "CSO_KMS_01"
    check_id = "CSO_KMS_01"
    title = "Customer managed keys rotate every year"
    types = ("aws_kms_key",)

    def judge(self, resource: Resource) -> Iterator[str]:
        if resource.get("enable_key_rotation") is not True:
            yield f"enable_key_rotation is {resource.get('enable_key_rotation')!r}"
        if left_to_aws(resource, "rotation_period_in_days"):
            return
        period = resource.get("rotation_period_in_days") or MOST_DAYS
        if period > MOST_DAYS:
            yield f"rotation_period_in_days is {period!r}"


check = KeysRotateEveryYear()
