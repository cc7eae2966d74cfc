"""The warehouse is encrypted with a key of its own stack."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import PlanRule, Resource, own_keys
from policies.plan import Plan


class RedshiftOwnKeyEncrypts(PlanRule):
    """Requirement: data and the administrator's password are encrypted with a key of the same stack: the platform's for
    the warehouse that tenants share, the tenant's for one of its own.

    Compliant example: kms_key_id = module.key.arn
    Non-compliant example: kms_key_id = a key of another stack or account
    Unknown is treated as: no verdict.
    Source: FSBP Redshift.10; 23 NYCRR 500.15."""

    control = "CSO_RED_02"
    check_id = "CSO_RED_02_KEY"
    title = "The warehouse is encrypted with a key of its own stack"
    types = ("aws_redshift_cluster", "aws_redshiftserverless_namespace")

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        is_cluster = resource.type == "aws_redshift_cluster"
        password = "master_password_secret_kms_key_id" if is_cluster else "admin_password_secret_kms_key_id"
        for attribute in ("kms_key_id", password):
            if resource.get(attribute) not in plan.once(own_keys):
                yield f"{attribute} {resource.get(attribute)!r} is no key of this stack"


check = RedshiftOwnKeyEncrypts()
