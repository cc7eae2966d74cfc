"""Whoever adds steps or opens sessions on a cluster is bound to one tenant's roles and to that tenant's clusters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.check import Context, Resource, ResourceCheck, Statement, Undecided, identity_policy, is_wild, pins, tests

ACTIONS = ("AddJobFlowSteps", "GetClusterSessionCredentials", "StartSession")
ROLE = "elasticmapreduce:ExecutionRoleArn"
TAGS = ("elasticmapreduce:ResourceTag/tenant", "aws:ResourceTag/tenant")
OWNER = re.compile(r"(\$\{[^}]*\}|[^/*?$]+)/|(\*)$")  # a tenant's name, a variable, or all of them
TIES = frozenset(f"${{{tag}}}" for tag in TAGS)
SHARED = "platform"  # the tag of a cluster that tenants share, where each step runs as its own tenant's role


class StepsRunAsTheirTenant(ResourceCheck):
    """Requirement: AddJobFlowSteps, GetClusterSessionCredentials and StartSession are allowed only with an execution
    role below /tenant/, and only on that tenant's own clusters or on a shared one, by the cluster's tag `tenant`. A
    principal of a tenant is bound to that tenant. A boundary is held to the same.

    Compliant example: ArnLike elasticmapreduce:ExecutionRoleArn "…:role/tenant/${aws:ResourceTag/tenant}/*"
    Non-compliant example: ArnLike elasticmapreduce:ExecutionRoleArn "…:role/tenant/*", and no tag `tenant`
    Unknown is treated as: no verdict.
    Source: EMR Management Guide, "Runtime roles for Amazon EMR steps"; 23 NYCRR 500.7."""

    control = "CSO_IAM_05"
    check_id = "CSO_IAM_05"
    title = "Steps and sessions run as the tenant of their cluster"
    types = ("aws_iam_role_policy", "aws_iam_policy", "aws_ssoadmin_permission_set_inline_policy")

    def judge(self, resource: Resource) -> Iterator[str]:
        for statement in identity_policy(resource).allows:
            if any(statement.covers_action(f"elasticmapreduce:{action}") for action in ACTIONS):
                yield from self._running(statement, resource.context)

    def _running(self, statement: Statement, context: Context) -> Iterator[str]:
        if not context.account_id:
            raise Undecided("the environment's account is not known, so neither are its tenants' roles")
        roles = [value for test in tests(statement) if pins(test, ROLE) for value in test[2]]
        tags = [value for test in tests(statement) if any(pins(test, tag) for tag in TAGS) for value in test[2]]
        if not roles:
            yield f"{statement.label}: no condition pins {ROLE}"
        home = f"arn:aws:iam::{context.account_id}:role/tenant/"
        for role in roles:
            owner = OWNER.match(role.removeprefix(home))
            if not role.startswith(home) or owner is None:
                yield f"{statement.label}: {ROLE} {role!r} is not below {home}<tenant>/"
            elif owner[1] in TIES and context.is_platform:
                continue
            elif not tags or any(is_wild(tag) for tag in tags):
                yield f"{statement.label}: {role!r} on clusters of any tenant: no condition pins {TAGS[0]}"
            elif not context.is_platform and owner[1] != context.stack:
                yield f"{statement.label}: {role!r} is not of {context.stack}"
            elif not set(tags) <= {SHARED, owner[1]}:
                yield f"{statement.label}: {role!r} on clusters of {sorted(set(tags) - {SHARED, owner[1]})[0]!r}"


check = StepsRunAsTheirTenant()
