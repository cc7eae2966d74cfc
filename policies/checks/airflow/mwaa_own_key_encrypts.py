"""Airflow is encrypted with the platform's key."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import PlanRule, Resource, own_keys
from policies.plan import Plan


class MwaaOwnKeyEncrypts(PlanRule):
    """Requirement: an environment's metadata, queue and logs are encrypted with a key of the same stack.

    Compliant example: kms_key = module.key.arn
    Non-compliant example: kms_key unsaid, or a key of another stack
    Unknown is treated as: no verdict.
    Source: 23 NYCRR 500.15; SOC 2 CC6.1."""

    control = "CSO_AIR_01"
    check_id = "CSO_AIR_01_KEY"
    title = "Airflow is encrypted with a key of its own stack"
    types = ("aws_mwaa_environment",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        if resource.get("kms_key") not in plan.once(own_keys):
            yield f"kms_key {resource.get('kms_key')!r} is no key of this stack"


check = MwaaOwnKeyEncrypts()
