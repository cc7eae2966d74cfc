"""The order to delete a production key can be taken back for a month."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import NotApplicable, Resource, ResourceCheck, left_to_aws

LEAST_DAYS = 30


class KeysWaitBeforeDeletion(ResourceCheck):
    """Requirement: in production deletion_window_in_days is said and is 30, the most that KMS waits.

    The key is not switched off either. Where Checkov's own command judges Terraform's code, a `lifecycle` that says
    prevent_destroy = false fails too; in the gate that is CSO_KMS_04_PREVENT's.
    Unknown is treated as: no verdict.
    Source: FSBP KMS.3.
    """

    control = "CSO_KMS_04"
    check_id = "CSO_KMS_04"
    title = "Production's keys wait 30 days before deletion"
    types = ("aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key")

    def judge(self, resource: Resource) -> Iterator[str]:
        if resource.block("lifecycle").get("prevent_destroy") is False:
            yield "lifecycle.prevent_destroy is False"
        if not resource.context.is_production:
            raise NotApplicable("protects no production data")
        if not left_to_aws(resource, "is_enabled") and resource.get("is_enabled") is False:
            yield "is_enabled is False, so that nothing under the key can be read"
        days = resource.get("deletion_window_in_days")
        if not isinstance(days, int) or days < LEAST_DAYS:
            yield f"deletion_window_in_days is {days!r}"


check = KeysWaitBeforeDeletion()
