"""No delivery, and no role at all, can delete a production key: only the account's root user, as break-glass."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import NotApplicable, Resource, ResourceCheck, callers, deletes


class PipelinesCannotDeleteKeys(ResourceCheck):
    """Requirement: in production the key policy lets the root user alone disable the key or order its deletion.

    It is what prevent_destroy is wanted for, and more: that is a note to Terraform, takes no variable (development's
    keys must be destroyable), is gone when the block is removed, and no plan shows it. The key policy binds every
    role, Terraform's too, and every plan shows it.
    Unknown is treated as: no verdict.
    Source: FSBP KMS.3.
    """

    control = "CSO_KMS_04"
    check_id = "CSO_KMS_04_DELETION"
    title = "No role can delete production's keys"
    types = ("aws_kms_key", "aws_kms_key_policy", "aws_kms_replica_key", "aws_kms_external_key")

    def judge(self, resource: Resource) -> Iterator[str]:
        if not resource.context.is_production:
            raise NotApplicable("protects no production data")
        root = f"arn:aws:iam::{resource.context.account_id}:root"
        statements = resource.policy("policy").allows
        if not statements:
            yield "the key has no policy of its own, and AWS's lets the account delete it"
        for statement in statements:
            others = sorted({*callers(statement)} - {root})
            if deletes(statement) and others:
                yield f"{statement.label} lets {', '.join(others)} disable or delete the key"


check = PipelinesCannotDeleteKeys()
