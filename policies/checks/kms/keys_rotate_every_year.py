"""Keys rotate every year."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import NotApplicable, Resource, ResourceCheck, left_to_aws

MOST_DAYS = 365


class KeysRotateEveryYear(ResourceCheck):
    """Requirement: automatic rotation is on, every year at the latest, which is what KMS does when no period is said.
    A key that only signs is left out: KMS rotates none, and a new one has another public half.

    Unknown is treated as: no verdict.
    Source: FSBP KMS.4.
    """

    control = "CSO_KMS_01"
    check_id = "CSO_KMS_01"
    title = "Customer managed keys rotate every year"
    types = ("aws_kms_key",)

    def judge(self, resource: Resource) -> Iterator[str]:
        if not left_to_aws(resource, "key_usage") and resource.get("key_usage") == "SIGN_VERIFY":
            raise NotApplicable("signs and encrypts nothing; KMS rotates no asymmetric key by itself")
        if resource.get("enable_key_rotation") is not True:
            yield f"enable_key_rotation is {resource.get('enable_key_rotation')!r}"
        if left_to_aws(resource, "rotation_period_in_days"):
            return
        period = resource.get("rotation_period_in_days") or MOST_DAYS
        if period > MOST_DAYS:
            yield f"rotation_period_in_days is {period!r}"


check = KeysRotateEveryYear()
