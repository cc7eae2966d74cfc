"""A role that a pipeline assumes by web identity trusts one repository's branch or environment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.check import NotApplicable, Resource, ResourceCheck, Statement, is_wild, pins, tests, trust_policy

OIDC = ":oidc-provider/"
GITHUB = "token.actions.githubusercontent.com"
PINNED = re.compile(r"repo:[\w.-]+/[\w.-]+:(?:ref:refs/heads/[\w./-]+|environment:[\w.-]+)")


class DeployRolesTrustOneBranch(ResourceCheck):
    """Requirement: a trust policy for web identity names the provider, and pins its audience and one subject without
    wildcards; GitHub's subject names repository and branch, or repository and environment. Never a pull request's.

    Compliant example: StringEquals {"token.actions.githubusercontent.com:sub": "repo:meridian/sluice:environment:prod"}
    Non-compliant example: StringLike {"token.actions.githubusercontent.com:sub": "repo:meridian/*"}
    Unknown is treated as: no verdict.
    Source: NAIC 668 4(D)(2)(e); SOC 2 CC8.1; IAM User Guide, "Configuring a role for GitHub OIDC"."""

    control = "CSO_IAM_06"
    check_id = "CSO_IAM_06"
    title = "Deploy roles trust one branch or environment of one repository"
    types = ("aws_iam_role",)

    def judge(self, resource: Resource) -> Iterator[str]:
        web = [
            statement
            for statement in trust_policy(resource).allows
            if statement.covers_action("sts:AssumeRoleWithWebIdentity") or "Federated" in statement.principals
        ]
        if not web:
            raise NotApplicable("no web identity may assume the role")
        for statement in web:
            if not statement.principals.get("Federated"):
                yield f"{statement.label}: web identities of no named provider"
            for provider in statement.principals.get("Federated", ()):
                if f":iam::{resource.context.account_id}:" not in provider:
                    yield f"{statement.label}: {provider!r} is of another account"
                yield from self._pinned(statement, provider)

    @staticmethod
    def _pinned(statement: Statement, provider: str) -> Iterator[str]:
        host = provider.partition(OIDC)[2]
        if not host or is_wild(provider):
            yield f"{statement.label}: {provider!r} is no OIDC provider of this account"
            return
        for claim in ("aud", "sub"):
            values = [value for test in tests(statement) if pins(test, f"{host}:{claim}") for value in test[2]]
            if not values:
                yield f"{statement.label}: no condition pins {host}:{claim}"
            for value in values:
                if is_wild(value) or (claim == "sub" and host == GITHUB and not PINNED.fullmatch(value)):
                    yield f"{statement.label}: {host}:{claim} {value!r} names no single branch or environment"


check = DeployRolesTrustOneBranch()
