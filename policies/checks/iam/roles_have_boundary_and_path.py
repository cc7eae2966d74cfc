"""Every role has its stack's permissions boundary, and a tenant's roles stand below the tenant's path."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Context, Resource, ResourceCheck, Undecided


class RolesHaveBoundaryAndPath(ResourceCheck):
    """Requirement: every role has the boundary of its stack, <organisation>-<environment>-<stack>-boundary. A tenant's
    roles stand below /tenant/<tenant>/, by which EMR, Airflow and the warehouse recognise them; a platform role never
    stands below /tenant/, for the machines of EMR may assume whatever stands there. The roles of the delivery, which an
    account's bootstrap makes, have <organisation>-<environment>-delivery-boundary.

    Compliant example: path = "/tenant/annuity/", permissions_boundary = "arn:…:policy/meridian-prod-annuity-boundary"
    Non-compliant example: a role of annuity at path "/" or without permissions_boundary
    Unknown is treated as: no verdict.
    Source: 23 NYCRR 500.7; SOC 2 CC6.3."""

    control = "CSO_IAM_02"
    check_id = "CSO_IAM_02"
    title = "Roles have the permissions boundary of their stack and its path"
    types = ("aws_iam_role",)

    def judge(self, resource: Resource) -> Iterator[str]:
        context = resource.context
        yield from self._path(resource.get("path") or "/", context)
        if not context.account_id or not context.organisation:
            raise Undecided("the environment's account or organisation is not known, so neither is the boundary's name")
        name = f"{context.organisation}-{context.environment}-delivery" if context.is_bootstrap else context.name
        boundary = f"arn:aws:iam::{context.account_id}:policy/{name}-boundary"
        if resource.get("permissions_boundary") != boundary:
            yield f"permissions_boundary is {resource.get('permissions_boundary')!r}, not {boundary!r}"

    @staticmethod
    def _path(path: str, context: Context) -> Iterator[str]:
        if context.is_platform:
            if path.startswith("/tenant"):
                yield f"path {path!r} makes a platform role look like a tenant's"
        elif path != f"/tenant/{context.stack}/":
            yield f"path is {path!r}, not '/tenant/{context.stack}/'"


check = RolesHaveBoundaryAndPath()
