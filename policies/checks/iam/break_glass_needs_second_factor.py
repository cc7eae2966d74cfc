"""People assume one role beside their permission sets, break-glass, and that only with a second factor."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import NotApplicable, Resource, ResourceCheck, Statement, tests, trust_policy

MFA = "aws:multifactorauthpresent"
LONGEST_SECONDS = 3600
PEOPLE = ("aws-reserved", "AWSReservedSSO", ":saml-provider/", ":user/", ":federated-user/")


class BreakGlassNeedsSecondFactor(ResourceCheck):
    """Requirement: a role named break-glass is assumed only under Bool aws:MultiFactorAuthPresent = true (never
    BoolIfExists, which holds for lasting keys without one), and for at most an hour. In production no other role trusts
    people: users, who signed on by SAML, or the roles of Identity Center, `role/aws-reserved/sso.amazonaws.com/…`.

    Compliant example: Condition {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, max_session_duration = 3600
    Non-compliant example: Condition {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
    Unknown is treated as: no verdict.
    Source: 23 NYCRR 500.12; NAIC 668 4(D)(2)(g); IAM User Guide, "Secure API access with MFA"."""

    control = "CSO_IAM_08"
    check_id = "CSO_IAM_08_BREAK_GLASS"
    title = "People assume break-glass alone, with a second factor and for an hour"
    types = ("aws_iam_role",)

    def judge(self, resource: Resource) -> Iterator[str]:
        allows = trust_policy(resource).allows
        if "break-glass" not in str(resource.get("name") or "").replace("_", "-").lower():
            if not resource.context.is_production:
                raise NotApplicable("the role is not break-glass")
            for statement in allows:
                for person in _people(statement):
                    yield f"{statement.label}: lets people, {person!r}, assume a role that is not break-glass"
            return
        if not allows:
            yield "assume_role_policy lets nobody assume the role"
        for statement in allows:
            if ("bool", MFA, ("true",)) not in list(tests(statement)):
                yield f"{statement.label}: no condition Bool aws:MultiFactorAuthPresent true"
        seconds = resource.get("max_session_duration")
        if not isinstance(seconds, int) or seconds > LONGEST_SECONDS:
            yield f"max_session_duration is {seconds!r}, not {LONGEST_SECONDS} at most"


def _people(statement: Statement) -> Iterator[str]:
    """Yield the principals of a trust that people are, or that patterns of conditions make them."""
    named = [name for names in statement.principals.values() for name in names]
    pinned = [value for test in tests(statement) if test[1] == "aws:principalarn" for value in test[2]]
    yield from (name for name in (*named, *pinned) if any(mark in name for mark in PEOPLE))
    if statement.covers_action("sts:AssumeRoleWithSAML"):
        yield "sts:AssumeRoleWithSAML"


check = BreakGlassNeedsSecondFactor()
