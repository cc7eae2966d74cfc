"""There are no IAM users and no access keys: people come through single sign-on, programs through roles."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck


class PeopleAndProgramsHaveNoIamUsers(ResourceCheck):
    """Requirement: each identity that a plan makes is a role: no IAM user, group, access key, login profile or other
    lasting credential. Their being there is the fault, whatever they say.

    Compliant example: an aws_iam_role that the program assumes
    Non-compliant example: any aws_iam_user or aws_iam_access_key
    Unknown is treated as: failed.
    Source: FSBP IAM.4, IAM.22; CIS AWS 2.x."""

    control = "CSO_IAM_03"
    check_id = "CSO_IAM_03"
    title = "Identities are roles: no IAM users and no access keys"
    types = (
        "aws_iam_role",
        "aws_iam_access_key",
        "aws_iam_group",
        "aws_iam_group_membership",
        "aws_iam_group_policy",
        "aws_iam_group_policy_attachment",
        "aws_iam_service_specific_credential",
        "aws_iam_signing_certificate",
        "aws_iam_user",
        "aws_iam_user_group_membership",
        "aws_iam_user_login_profile",
        "aws_iam_user_policy",
        "aws_iam_user_policy_attachment",
        "aws_iam_user_ssh_key",
    )

    def judge(self, resource: Resource) -> Iterator[str]:
        if resource.type != "aws_iam_role":
            yield f"{resource.type} gives a person or a program a lasting credential"


check = PeopleAndProgramsHaveNoIamUsers()
