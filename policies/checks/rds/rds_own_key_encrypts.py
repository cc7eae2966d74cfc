"""The database is encrypted with a key of its own stack."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import PlanRule, Resource, own_keys
from policies.plan import Plan


class RdsOwnKeyEncrypts(PlanRule):
    """Requirement: data, the administrator's password and, where they are on, performance insights are encrypted with a
    key of the same stack.

    Compliant example: kms_key_id = master_user_secret_kms_key_id = module.key.arn
    Non-compliant example: master_user_secret_kms_key_id unsaid: AWS's own key
    Unknown is treated as: no verdict.
    Source: FSBP RDS.3; 23 NYCRR 500.15."""

    control = "CSO_RDS_01"
    check_id = "CSO_RDS_01_KEY"
    title = "The database is encrypted with a key of its own stack"
    types = ("aws_db_instance", "aws_rds_cluster")

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        attributes = ["kms_key_id", "master_user_secret_kms_key_id"]
        if resource.get("performance_insights_enabled"):
            attributes.append("performance_insights_kms_key_id")
        for attribute in attributes:
            if resource.get(attribute) not in plan.once(own_keys):
                yield f"{attribute} {resource.get(attribute)!r} is no key of this stack"


check = RdsOwnKeyEncrypts()
