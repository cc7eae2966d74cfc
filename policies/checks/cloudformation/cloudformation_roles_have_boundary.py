"""Roles of CloudFormation templates have the tenant's boundary."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.cloudformation import ROLE, Template
from policies.check import ArtefactCheck, Block, Context

PROFILE = "AWS::IAM::InstanceProfile"
POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")


def _is_boundary(arn: str, context: Context) -> bool:
    if context.stack and not context.is_platform:
        return arn == f"arn:aws:iam::{context.account_id}:policy/{context.name}-boundary"
    own = f"arn:aws:iam::{context.account_id}:policy/" if context.account_id else "arn:aws:iam::"
    return arn.startswith(own) and not arn.startswith("arn:aws:iam::aws:") and arn.endswith("-boundary")


class CloudformationRolesHaveBoundary(ArtefactCheck):
    """Requirement: every role has its stack's permission boundary, policies go to roles of the same template, and
    there are no users, groups or keys. A template that belongs to no tenant has a boundary of the organisation.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.7; IAM User Guide, "Permissions boundaries".
    """

    control = "CSO_CFN_01"
    check_id = "CSO_CFN_01"
    title = "Roles of CloudFormation templates have the tenant's boundary"
    artefact = "cloudformation"

    def judge(self, artefact: Template) -> Iterator[tuple[str, int]]:
        for item in artefact.declared.values():
            if item.type.startswith("AWS::IAM::") and item.type not in (ROLE, PROFILE, *POLICIES):
                yield f"{item.logical_id} is an {item.type}", item.line
            elif item.type == ROLE:
                found = Block(item.properties, item.logical_id).get("PermissionsBoundary")
                if not _is_boundary(str(found), artefact.context):
                    yield f"{item.logical_id}: PermissionsBoundary is {found!r}, not its stack's boundary", item.line
            elif item.type in POLICIES:
                for holder in artefact.holders_elsewhere(item):
                    yield f"{item.logical_id} gives rights to {holder}, no role of this template", item.line


check = CloudformationRolesHaveBoundary()
