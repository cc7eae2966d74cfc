"""A platform role is assumed by AWS services on this account's behalf, or by roles named one by one."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import (
    Context,
    NotApplicable,
    Resource,
    ResourceCheck,
    Statement,
    is_wild,
    outside_services,
    trust_policy,
)

KINDS = {"AWS", "Federated", "Service", "*"}
NO_SOURCE = "ec2.amazonaws.com"  # assumes for a machine of this account and sends no source


class PlatformRolesTrustNamedCallers(ResourceCheck):
    """Requirement: a platform role trusts AWS services, each tied to this account by aws:SourceAccount or
    aws:SourceArn, or single roles of this account by ARN; never everybody, a whole account, a user or a tenant's role.
    EC2 knows no source to tie to. The roles of the delivery trust those of Jenkins, which may have an account of its
    own. Web identities are judged by CSO_IAM_06, people by CSO_IAM_08.

    Compliant example: Principal {"Service": "redshift.amazonaws.com"}, StringEquals aws:SourceAccount 222222222222
    Non-compliant example: Principal {"AWS": "*"}
    Unknown is treated as: no verdict.
    Source: IAM User Guide, "The confused deputy problem"; 23 NYCRR 500.7."""

    control = "CSO_IAM_07"
    check_id = "CSO_IAM_07_PLATFORM"
    title = "Platform roles trust named callers"
    types = ("aws_iam_role",)

    def judge(self, resource: Resource) -> Iterator[str]:
        if not resource.context.is_platform:
            raise NotApplicable("a tenant's role, which is judged more strictly")
        for statement in trust_policy(resource).allows:
            yield from self._trusting(statement, resource.context)
            for service in outside_services(statement, resource.context):
                if service != NO_SOURCE:
                    yield f"{statement.label}: trusts {service!r} on behalf of any account"

    @staticmethod
    def _trusting(statement: Statement, context: Context) -> Iterator[str]:
        if statement.not_principals or not statement.principals:
            yield f"{statement.label}: trusts everybody but those it names"
        for kind in sorted(statement.principals.keys() - KINDS):
            yield f"{statement.label}: trusts {kind} principals"
        home = f"arn:aws:iam::{context.account_id}:role/"
        for caller in (*statement.principals.get("AWS", ()), *statement.principals.get("*", ())):
            if is_wild(caller) or ":role/" not in caller:
                yield f"{statement.label}: trusts {caller!r}, which is no single role"
            elif not context.is_bootstrap and not caller.startswith(home):
                yield f"{statement.label}: trusts {caller!r} of another account"
            elif caller.startswith(f"{home}tenant/"):
                yield f"{statement.label}: trusts {caller!r}, a tenant's role"


check = PlatformRolesTrustNamedCallers()
