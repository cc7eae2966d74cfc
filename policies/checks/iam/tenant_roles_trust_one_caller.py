"""A tenant's roles are assumed by EMR's machines for jobs and by the warehouse for loads, and by nobody else."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import NotApplicable, Resource, ResourceCheck, Undecided, trust_policy


class TenantRolesTrustOneCaller(ResourceCheck):
    """Requirement: a job's role trusts exactly the role of EMR's machines, with AssumeRole, TagSession and
    SetSourceIdentity, so that CloudTrail names who ran the step; the load role trusts exactly the warehouse's role,
    with AssumeRole. No other principal, account or service.

    Compliant example: Principal {"AWS": "arn:aws:iam::222222222222:role/meridian-prod-platform-emr-node"}
    Non-compliant example: Principal {"AWS": "arn:aws:iam::222222222222:root"}
    Unknown is treated as: no verdict.
    Source: EMR Management Guide, "Runtime roles for Amazon EMR steps"; 23 NYCRR 500.7."""

    control = "CSO_IAM_07"
    check_id = "CSO_IAM_07"
    title = "Tenants' roles trust only EMR's machines or the warehouse"
    types = ("aws_iam_role",)

    def judge(self, resource: Resource) -> Iterator[str]:
        context = resource.context
        if context.is_platform:
            raise NotApplicable("the platform has no runtime roles")
        if not context.account_id or not context.organisation:
            raise Undecided("the environment's account or organisation is not known, so neither are the callers")
        platform = f"arn:aws:iam::{context.account_id}:role/{context.platform_name}"
        is_loader = resource.get("name") == f"{context.name}-warehouse-load"
        caller = f"{platform}-warehouse" if is_loader else f"{platform}-emr-node"
        actions = {"sts:assumerole"} if is_loader else {"sts:assumerole", "sts:setsourceidentity", "sts:tagsession"}
        allows = trust_policy(resource).allows
        if not allows:
            yield "assume_role_policy lets nobody assume the role"
        for statement in allows:
            if statement.not_principals or dict(statement.principals) != {"AWS": (caller,)}:
                yield f"{statement.label}: trusts {dict(statement.principals)!r}, not {caller!r} alone"
            if set(statement.actions) != actions:
                yield f"{statement.label}: allows {sorted(statement.actions)!r}, not {sorted(actions)!r}"


check = TenantRolesTrustOneCaller()
