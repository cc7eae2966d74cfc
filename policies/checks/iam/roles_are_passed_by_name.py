"""A role can be passed only by its ARN and only to the service that it is for."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck, Statement, identity_policy, is_wild, pins, tests

SERVICE = "iam:PassedToService"


class RolesArePassedByName(ResourceCheck):
    """Requirement: whoever may pass a role may pass named roles to named services. A permissions boundary is held to
    the same: it is the last wall before privilege escalation. A policy variable in a role's name is chosen by who asks.
    The delivery's roles are passed to no service.

    Compliant example: Resource = ["arn:aws:iam::…:role/x-emr-node"], StringEquals iam:PassedToService ec2.amazonaws.com
    Non-compliant example: {"Action": "iam:PassRole", "Resource": "arn:aws:iam::222222222222:role/*"}
    Unknown is treated as: no verdict.
    Source: IAM User Guide, "Grant a user permissions to pass a role to a service"; 23 NYCRR 500.7."""

    control = "CSO_IAM_04"
    check_id = "CSO_IAM_04"
    title = "iam:PassRole names the roles and the services"
    types = ("aws_iam_role_policy", "aws_iam_policy", "aws_ssoadmin_permission_set_inline_policy")

    def judge(self, resource: Resource) -> Iterator[str]:
        for statement in identity_policy(resource).allows:
            if statement.covers_action("iam:PassRole"):
                yield from self._passing(statement)

    @staticmethod
    def _passing(statement: Statement) -> Iterator[str]:
        here = statement.label
        if statement.not_resources or not statement.resources:
            yield f"{here}: passes roles that it does not name"
        for arn in statement.resources:
            if is_wild(arn) or "${" in arn or ":role/" not in arn:
                yield f"{here}: passes {arn!r}, which names no single role"
            elif ":role/sluice-" in arn:
                yield f"{here}: passes {arn!r}, a role of the delivery"
        services = [value for test in tests(statement) if pins(test, SERVICE) for value in test[2]]
        if not services:
            yield f"{here}: no condition pins {SERVICE}"
        for service in services:
            if is_wild(service):
                yield f"{here}: {SERVICE} {service!r} names no single service"


check = RolesArePassedByName()
