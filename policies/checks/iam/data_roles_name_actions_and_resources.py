"""Roles are granted named actions on named resources, and keys by name."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck, identity_policy, too_wide


class DataRolesNameActionsAndResources(ResourceCheck):
    """Requirement: no inline policy of a role allows every action of a service, every resource of a data service, what
    is not named (NotAction, NotResource), or decryption with keys that neither an ARN nor an alias names. Every role
    that we make counts as a data role: all stand at most one AssumeRole away from data. `*` is accepted for the
    actions of policies/data/iam_facts.yaml, which AWS offers on nothing less.

    Compliant example: {"Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::meridian-prod-annuity-raw/policies/*"]}
    Non-compliant example: {"Action": ["s3:*"], "Resource": ["arn:aws:s3:::meridian-prod-annuity-raw/*"]}
    Unknown is treated as: no verdict.
    Source: FSBP KMS.1, KMS.2, IAM.1, IAM.21; 23 NYCRR 500.7."""

    control = "CSO_IAM_01"
    check_id = "CSO_IAM_01"
    title = "Roles are granted named actions on named resources"
    types = ("aws_iam_role_policy",)

    def judge(self, resource: Resource) -> Iterator[str]:
        for statement in identity_policy(resource).allows:
            yield from too_wide(statement)


check = DataRolesNameActionsAndResources()
