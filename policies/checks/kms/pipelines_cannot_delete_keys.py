"""No delivery, and no role at all, can delete a production key: only the account's root user, as break-glass."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import NotApplicable, Resource, ResourceCheck, callers, deletes


class PipelinesCannotDeleteKeys(ResourceCheck):
    """Requirement: in production the key policy lets the root user alone disable the key or order its deletion.

    prevent_destroy (CSO_KMS_04_PREVENT) is a note to Terraform and gone when the block is. The key policy binds every
    role and every service, Terraform's too. Whoever may write the policy could give himself the right first: that is
    the role that deploys, whose plans are judged here, and which nobody wears by hand.
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
            services = [
                name for kind, names in statement.principals.items() if kind not in ("AWS", "*") for name in names
            ]
            others = sorted({*callers(statement), *services} - {root})
            if deletes(statement) and others:
                yield f"{statement.label} lets {', '.join(others)} disable or delete the key"


check = PipelinesCannotDeleteKeys()
