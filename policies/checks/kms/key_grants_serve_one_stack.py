"""A grant is a key policy that nobody reviews: it serves whom the key's policy may serve, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, is_of

PLATFORM = "platform"


class KeyGrantsServeOneStack(PlanRule):
    """Requirement: grantee and retiring principal are roles of the stack or of the platform, and no grant makes grants.

    Unknown is treated as: no verdict.
    Source: NYDFS 500.15; NAIC 668 4(D)(2)(d).
    """

    control = "CSO_KMS_03"
    check_id = "CSO_KMS_03_GRANT"
    title = "Grants on a key serve its own stack"
    types = ("aws_kms_grant",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        stacks = {plan.context.stack, PLATFORM}
        grantee, retiring = resource.get("grantee_principal"), resource.get("retiring_principal")
        if not grantee:
            yield "grantee_principal is not said"
        for principal in filter(None, (grantee, retiring)):
            if not is_of(principal, stacks, plan.context):
                yield f"the grant serves {principal!r}"
        if "CreateGrant" in resource.strings("operations"):
            yield "the grant lets its grantee make further grants"


check = KeyGrantsServeOneStack()
