"""A tenant's key is used by that tenant's jobs and the platform's services, and by nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import (
    Context,
    PlanRule,
    Resource,
    administers,
    callers,
    decrypts,
    encrypts,
    is_wild,
    may_use_key,
    outside_services,
    producers_of,
)


class KeysServeOneStack(PlanRule):
    """Requirement: a tenant has one key, used only through services, by its own and the platform's roles.

    EMR's machines alone ask KMS themselves, and only for what was encrypted without a context: their local disks.
    The spec's producers may encrypt, not decrypt. The platform's key serves the platform's roles directly, and through
    services the tenants' roles (code and logs), the role that deploys, and the account's callers of AWS services.
    AWS services that use a key on their own are tied to this account. Another account's principals have no right at
    all at the key, nobody hands its use on but to services, and who administers it is the root user or a single role,
    no tenant's.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.15; NAIC 668 4(D)(2)(d).
    """

    control = "CSO_KMS_03"
    check_id = "CSO_KMS_03"
    title = "Each tenant's key serves that tenant alone"
    types = ("aws_kms_key", "aws_kms_key_policy")

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        context, producers = plan.context, producers_of(plan).values()
        for statement in resource.policy("policy").allows:
            for caller in callers(statement):
                if not caller.startswith(f"arn:aws:iam::{context.account_id}:") and caller not in producers:
                    yield f"{statement.label} lets in {caller!r} of another account"
                elif administers(statement) and not _may_administer(caller, context):
                    yield f"{statement.label} lets {caller!r} administer the key"
            if not decrypts(statement) and not encrypts(statement):
                continue
            for service in outside_services(statement, plan.context):
                yield f"{statement.label} lets {service!r} use the key on any account's behalf"
            for caller in callers(statement):
                if not may_use_key(caller, statement, plan):
                    yield f"{statement.label} lets {caller!r} use the key"
        if resource.type == "aws_kms_key" and resource.get("policy") is None:
            yield "the key has no policy of its own, and AWS's gives the account everything"

    def judge_plan(self, plan: Any) -> Iterator[str]:
        count = len(plan.of_type("aws_kms_key"))
        if count != 1:
            yield f"the stack has {count} keys where one was expected"


def _may_administer(caller: str, context: Context) -> bool:
    """Tell whether a caller is the root user, or one role that is no tenant's."""
    role = f"arn:aws:iam::{context.account_id}:role/"
    is_ours = caller.startswith(role) and not caller.startswith(f"{role}tenant/") and not is_wild(caller)
    return caller == f"arn:aws:iam::{context.account_id}:root" or is_ours


check = KeysServeOneStack()
