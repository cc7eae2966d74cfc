"""Roles of CloudFormation templates have the tenant's boundary."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.cloudformation import Declared, Template
from policies.check import ArtefactCheck, Block

PEOPLE = (
    "AWS::IAM::User",
    "AWS::IAM::Group",
    "AWS::IAM::AccessKey",
    "AWS::IAM::UserToGroupAddition",
    "AWS::IAM::UserPolicy",
)
POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")


def _holders_elsewhere(template: Template, policy: Declared) -> Iterator[str]:
    """Yield who gets a policy besides the template's own roles, which have the boundary."""
    properties = Block(policy.properties, policy.logical_id)
    own = {
        name for role in template.declared.values() if role.type == "AWS::IAM::Role" for name in template.names(role)
    }
    for key in ("Roles", "RoleName"):
        if properties.is_unknown(key) and template.refers_only_to(policy, key, "AWS::IAM::Role"):
            continue
        yield from (f"the role {name!r}" for name in properties.strings(key) if name not in own)
    for key in ("Users", "Groups"):
        if properties.get(key):
            yield f"{key} {properties.get(key)!r}"


class CloudformationRolesHaveBoundary(ArtefactCheck):
    """Requirement: every role has its stack's permission boundary, policies go to roles of the same template, and
    there are no users, groups or keys.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.7; IAM User Guide, "Permissions boundaries".
    """

    control = "CSO_CFN_01"
    check_id = "CSO_CFN_01"
    title = "Roles of CloudFormation templates have the tenant's boundary"
    artefact = "cloudformation"

    def judge(self, artefact: Template) -> Iterator[tuple[str, int]]:
        boundary = f"{artefact.context.name}-boundary"
        for item in artefact.declared.values():
            if item.type in PEOPLE:
                yield f"{item.logical_id} is an {item.type}", item.line
            elif item.type == "AWS::IAM::Role":
                found = Block(item.properties, item.logical_id).get("PermissionsBoundary")
                if not isinstance(found, str) or found.rpartition("/")[2] != boundary:
                    yield f"{item.logical_id}: PermissionsBoundary is {found!r}, not the policy {boundary}", item.line
            elif item.type in POLICIES:
                for holder in _holders_elsewhere(artefact, item):
                    yield f"{item.logical_id} gives rights to {holder}, no role of this template", item.line


check = CloudformationRolesHaveBoundary()
