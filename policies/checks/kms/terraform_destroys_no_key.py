"""No plan of Terraform's destroys a key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import NotApplicable, PlanRule, Resource, Undecided


class TerraformDestroysNoKey(PlanRule):
    """Requirement: the block that makes a key says `lifecycle { prevent_destroy = true }`.

    A plan does not show `lifecycle`; it is read in the module's code, as the plan's configuration names it. It guards
    against Terraform alone, and goes with the block: against everybody else there is CSO_KMS_04_DELETION. A template's
    key says DeletionPolicy, which is CSO_CFN_03's.
    Unknown is treated as: no verdict; so are code that is not at hand, an override file, a block that stands twice.
    Source: FSBP KMS.3.
    """

    control = "CSO_KMS_04"
    check_id = "CSO_KMS_04_PREVENT"
    title = "Terraform refuses to destroy keys"
    types = ("aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key")

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        if resource.address.startswith("module.cloudformation-"):
            raise NotApplicable("is CloudFormation's, where DeletionPolicy keeps it")
        says = plan.refuses_to_destroy(resource.address)
        if says is None:
            raise Undecided("its block is not at hand, or cannot be read, so what its lifecycle says cannot be told")
        if not says:
            yield "lifecycle.prevent_destroy is not true"


check = TerraformDestroysNoKey()
