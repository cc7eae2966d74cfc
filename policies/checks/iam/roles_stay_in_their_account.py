"""What roles are granted lies in the environment's own account."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck, Undecided, elsewhere, identity_policy


class RolesStayInTheirAccount(ResourceCheck):
    """Requirement: a policy's ARNs are of the environment's own account, and its buckets begin with the environment's
    name: a bucket's ARN names no account, so that any other may be anybody's. AWS's own policies may be named, and the
    queues that MWAA keeps in an account of AWS, `airflow-celery-*`. A share with another account is a waiver.

    Compliant example: {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::meridian-prod-platform-logs/emr/*"}
    Non-compliant example: {"Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/partner"}
    Unknown is treated as: no verdict.
    Source: AWS data perimeters, resource perimeter; 23 NYCRR 500.7."""

    control = "CSO_IAM_01"
    check_id = "CSO_IAM_01_ACCOUNT"
    title = "Roles are granted nothing in other accounts"
    types = ("aws_iam_role_policy", "aws_iam_policy")

    def judge(self, resource: Resource) -> Iterator[str]:
        statements = identity_policy(resource).allows
        if not resource.context.account_id or not resource.context.organisation:
            raise Undecided("the environment's account or organisation is not known, so neither is what is its own")
        for statement in statements:
            yield from elsewhere(statement, resource.context)


check = RolesStayInTheirAccount()
