"""The break-glass role is assumed only with a second factor."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import NotApplicable, Resource, ResourceCheck, tests, trust_policy

MFA = "aws:multifactorauthpresent"
LONGEST_SECONDS = 3600


class BreakGlassNeedsSecondFactor(ResourceCheck):
    """Requirement: a role named break-glass is assumed only under Bool aws:MultiFactorAuthPresent = true (never
    BoolIfExists, which holds for lasting keys without one), and for at most an hour.

    Compliant example: Condition {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, max_session_duration = 3600
    Non-compliant example: Condition {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
    Unknown is treated as: no verdict.
    Source: 23 NYCRR 500.12; NAIC 668 4(D)(2)(g); IAM User Guide, "Secure API access with MFA"."""

    control = "CSO_IAM_08"
    check_id = "CSO_IAM_08_BREAK_GLASS"
    title = "Break-glass needs a second factor and ends within the hour"
    types = ("aws_iam_role",)

    def judge(self, resource: Resource) -> Iterator[str]:
        if "break-glass" not in str(resource.get("name") or "").replace("_", "-").lower():
            raise NotApplicable("the role is not break-glass")
        allows = trust_policy(resource).allows
        if not allows:
            yield "assume_role_policy lets nobody assume the role"
        for statement in allows:
            if ("bool", MFA, ("true",)) not in list(tests(statement)):
                yield f"{statement.label}: no condition Bool aws:MultiFactorAuthPresent true"
        seconds = resource.get("max_session_duration")
        if not isinstance(seconds, int) or seconds > LONGEST_SECONDS:
            yield f"max_session_duration is {seconds!r}, not {LONGEST_SECONDS} at most"


check = BreakGlassNeedsSecondFactor()
