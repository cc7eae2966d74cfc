"""A service control policy that denies something in production exempts no people but through break-glass."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import NotApplicable, Resource, ResourceCheck, differs, identity_policy, matches, tests

PERSON = "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Engineer_0123456789abcdef"
SESSION_KEYS = ("aws:principaltag", "aws:userid", "aws:username")


class OrganisationDenialsExemptNoPeople(ResourceCheck):
    """Requirement: what a service control policy denies is denied to everybody who signs on through Identity Center:
    its exemptions (ArnNotLike aws:PrincipalArn …) name the deploy roles and break-glass, no pattern that fits people's
    roles, and nothing that people's sessions can set themselves. That some policy denies console writes cannot be told
    from our plans, where the organisation's policies stand only if they are ours.

    Compliant example: Deny, ArnNotLike aws:PrincipalArn ["arn:aws:iam::*:role/sluice-deploy", "…:role/break-glass"]
    Non-compliant example: Deny, ArnNotLike aws:PrincipalArn ["arn:aws:iam::*:role/*"]
    Unknown is treated as: no verdict.
    Source: 23 NYCRR 500.12; NAIC 668 4(D)(2)(g)."""

    control = "CSO_IAM_08"
    check_id = "CSO_IAM_08_ORGANISATION"
    title = "The organisation's denials exempt no people"
    types = ("aws_organizations_policy",)

    def judge(self, resource: Resource) -> Iterator[str]:
        if resource.get("type") not in (None, "SERVICE_CONTROL_POLICY"):
            raise NotApplicable("no service control policy")
        for statement in identity_policy(resource).denies:
            for test in tests(statement):
                if differs(test, "aws:PrincipalArn"):
                    for pattern in test[2]:
                        if matches(pattern, PERSON) or "aws-reserved" in pattern:
                            yield f"{statement.label}: exempts people by {pattern!r}"
                elif test[1].startswith(SESSION_KEYS) and ("not" in test[0] or test[0] == "null"):
                    yield f"{statement.label}: exempts by {test[1]!r}, which a session may carry"


check = OrganisationDenialsExemptNoPeople()
