"""Roles that CloudFormation makes: moto leaves out the managed policies that a template attaches to them."""

from __future__ import annotations

from typing import Any

from moto.iam.models import Role, iam_backends


def stack_roles() -> None:
    """Let a template attach managed policies to a role that it makes, as AWS does."""
    original = Role.create_from_cloudformation_json

    def create(
        cls: type[Role],
        /,
        resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
        **given: Any,
    ) -> Role:
        role = original(resource_name, cloudformation_json, account_id, region_name, **given)
        for arn in cloudformation_json["Properties"].get("ManagedPolicyArns", []):
            iam_backends[account_id]["aws"].attach_role_policy(arn, role.name)
        return role

    Role.create_from_cloudformation_json = classmethod(create)
