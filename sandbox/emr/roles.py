"""As whom EMR acts: checks the roles that requests name against the account's IAM."""

from __future__ import annotations

import json
from typing import Any

from moto.core.exceptions import ServiceException
from moto.emr.exceptions import ValidationException
from moto.iam.models import iam_backends


def instance_role_arn(account: str, profile: str | None) -> str:
    """Return the role of an instance profile that RunJobFlow names, by name or ARN.

    Raises:
        ValidationException: none is named, the account has none, or it holds no role.
    """
    if not profile:
        raise ValidationException("InstanceProfile is required for creating cluster.")
    try:
        found = iam_backends[account]["aws"].get_instance_profile(profile.rpartition("/")[2])
    except ServiceException as error:
        raise ValidationException(f"Invalid InstanceProfile: {profile}.") from error
    if not found.roles:
        raise ValidationException(f"Invalid InstanceProfile: {profile}: it holds no role.")
    return str(found.roles[0].arn)


def check_service_role(account: str, role: str | None) -> None:
    """Raise ValidationException unless the account has the service role, given by name or ARN."""
    if not role:
        raise ValidationException("ServiceRole is required for creating cluster.")
    try:
        iam_backends[account]["aws"].get_role(role.rpartition("/")[2])
    except ServiceException as error:
        raise ValidationException(f"Invalid ServiceRole: {role}.") from error


def requires_runtime_role(security_configuration: str | None) -> bool:
    """Return whether a security configuration (its JSON text) gives every step a role of its own."""
    document = json.loads(security_configuration or "{}")
    authorization: dict[str, Any] = document.get("AuthorizationConfiguration", {})
    return bool(authorization.get("IAMConfiguration", {}).get("EnableApplicationScopedIAMRole", False))


def check_runtime_role(account: str, role_arn: str | None, required: bool) -> None:
    """Raise EMR's ValidationException unless a step's ExecutionRoleArn fits its cluster.

    Source: messages of AddJobFlowSteps as reported in awslabs/amazon-emr-cli pull request 21.
    """
    if required and not role_arn:
        raise ValidationException(
            "Runtime roles are required for this cluster. Please specify the role using the ExecutionRoleArn parameter."
        )
    if not role_arn:
        return
    if not required:
        raise ValidationException(
            "Runtime roles are not supported on this cluster. Please remove the ExecutionRoleArn parameter."
        )
    try:
        iam_backends[account]["aws"].get_role_by_arn(role_arn)
    except ServiceException as error:
        raise ValidationException(f"The execution role {role_arn} does not exist in account {account}.") from error
