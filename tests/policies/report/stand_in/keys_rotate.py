"""A check of the tests' own, so that what others write changes no accepted page."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck


class KeysRotate(ResourceCheck):
    """Requirement: `enable_key_rotation` is true, on every key of <any> tenant; also on those
    that *nobody* uses.

    Unknown is treated as: no verdict.
    Source: FSBP KMS.4.
    """

    control = "CSO_KMS_01"
    check_id = "CSO_KMS_01"
    title = "Customer managed keys rotate every year"
    types = ("aws_kms_key", "aws_kms_replica_key")

    def judge(self, resource: Resource) -> Iterator[str]:
        if resource.get("enable_key_rotation") is not True:
            yield "enable_key_rotation is not true"


check = KeysRotate()
