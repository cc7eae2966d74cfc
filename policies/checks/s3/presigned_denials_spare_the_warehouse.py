"""A denial of presigned requests does not break the warehouse's loads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import NotApplicable, PlanRule, Resource, Statement, differs, matches, tests

AGE, KIND = "s3:signatureage", "s3:authtype"
LEAST_AGE_MS = 3_600_000


class PresignedDenialsSpareTheWarehouse(PlanRule):
    """Requirement: a Deny by signature age or kind excuses the warehouse's role and leaves signatures an hour at least.

    Redshift reads and writes S3 with presigned requests, and long loads sign once.
    Unknown is treated as: no verdict.
    Source: operational safety of CSO_RED_07.
    """

    control = "CSO_S3_12"
    check_id = "CSO_S3_12"
    title = "Denials of presigned requests spare the warehouse's loads"
    types = ("aws_s3_bucket_policy",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        if resource.get("policy") is None:
            yield "the policy is not said"
        denials = [statement for statement in resource.policy("policy").denies if _is_by_signature(statement)]
        if not denials and resource.get("policy") is not None:
            raise NotApplicable("denies nothing by how a request is signed")
        context = plan.context
        platform = context.platform_name
        warehouse = f"arn:aws:iam::{context.account_id}:role/{platform}-warehouse"
        for statement in denials:
            excused = [test for test in tests(statement) if differs(test, "aws:PrincipalArn")]
            if not any(matches(pattern, warehouse) for _, _, values in excused for pattern in values):
                yield f"{statement.label} does not excuse {warehouse!r}"
            ages = [test for test in tests(statement) if test[1] == AGE]
            if not ages or any(not _is_long(test[0], test[2]) for test in ages):
                yield f"{statement.label} denies signatures younger than {LEAST_AGE_MS} ms"


def _is_by_signature(statement: Statement) -> bool:
    return any(key in (AGE, KIND) for _, key, _ in tests(statement))


def _is_long(operator: str, values: tuple[str, ...]) -> bool:
    """Tell whether only signatures older than an hour, whichever value they are compared with, are denied."""
    greater = operator.removesuffix("ifexists") in ("numericgreaterthan", "numericgreaterthanequals")
    return greater and all(value.isdecimal() and int(value) >= LEAST_AGE_MS for value in values)


check = PresignedDenialsSpareTheWarehouse()
