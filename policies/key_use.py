"""What a key policy's statement gives: to administer the key, to read what it protects, to write under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.context import PLATFORM, Context
from policies.documents import Statement
from policies.perimeter import producers_of
from policies.principals import is_of
from policies.statements import holds, services_via, tests

if TYPE_CHECKING:  # policies.check hands this module's functions on to the checks
    from policies.plan import Plan

ADMINISTER = (
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:ReplicateKey",
    "kms:RevokeGrant",
    "kms:UpdatePrimaryRegion",
)
DELETE = ("kms:ScheduleKeyDeletion", "kms:DisableKey")
DECRYPT = ("kms:Decrypt", "kms:ReEncryptFrom")
DELIVERY_ROLES = ("sluice-plan", "sluice-release", "sluice-deploy", "sluice-approve")
EPHEMERAL = "kms:EncryptionContext:sluice"
"""Encryption context of the secrets of ephemeral clusters, which their program opens without a service between."""
NO_CONTEXT = ("null", "kms:encryptioncontextkeys", ("true",))
"""Holds for requests without encryption context: EMR's local disks; S3, EBS and Secrets Manager always give one.
Source: KMS Developer Guide, "How Amazon EMR uses AWS KMS" and "kms:EncryptionContextKeys"."""
ENCRYPT = ("kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptTo")


def administers(statement: Statement) -> bool:
    """Tell whether the statement lets someone change, disable or delete the key."""
    return any(statement.covers_action(action) for action in ADMINISTER)


def deletes(statement: Statement) -> bool:
    return any(statement.covers_action(action) for action in DELETE)


def grants_freely(statement: Statement) -> bool:
    """Tell whether the statement lets someone hand the key's use on to whomever he likes."""
    return statement.covers_action("kms:CreateGrant") and not holds(statement, "kms:GrantIsForAWSResource", "true")


def decrypts(statement: Statement) -> bool:
    """Tell whether the statement lets someone read; who may hand out grants freely may give them to himself."""
    return grants_freely(statement) or any(statement.covers_action(action) for action in DECRYPT)


def encrypts(statement: Statement) -> bool:
    return any(statement.covers_action(action) for action in ENCRYPT)


def may_use_key(caller: str, statement: Statement, plan: Plan) -> bool:
    """Tell whether `caller` is among those whom the key of the plan's stack serves, by the way `statement` gives it.

    A tenant's key serves its own and the platform's roles, and encrypting producers, all through services; and EMR's
    machines for local disks, which are encrypted without a context. The platform's key serves the platform's roles;
    through services also tenants' roles, the encrypting deployment and, for no data in S3, any caller of the account.
    The key of an account's bootstrap serves the roles of the delivery, through services or for the secrets of
    ephemeral clusters.
    """
    context, services = plan.context, services_via(statement) or frozenset()
    only_encrypts = not decrypts(statement)
    if not context.is_platform:
        adds = only_encrypts and caller in producers_of(plan).values()
        if grants_freely(statement):
            return False
        through = bool(services) and (adds or is_of(caller, {context.stack, PLATFORM}, context))
        return through or (caller == _node_role_arn(context) and NO_CONTEXT in tests(statement))
    account = f"arn:aws:iam::{context.account_id}:"
    if context.is_bootstrap:
        is_pinned = bool(services) or holds(statement, EPHEMERAL, "ephemeral")
        return is_pinned and caller in {f"{account}role/{name}" for name in DELIVERY_ROLES}
    deploys = only_encrypts and caller == plan.variables.get("deploy_role_arn")
    is_own = caller == f"{account}*" and holds(statement, "kms:CallerAccount", context.account_id)
    is_tenant = caller.startswith(f"{account}role/tenant/")
    through = bool(services) and (deploys or is_tenant or (is_own and "s3" not in services))
    return through or is_of(caller, {PLATFORM}, context)


def _node_role_arn(context: Context) -> str:
    return f"arn:aws:iam::{context.account_id}:role/{context.platform_name}-emr-node"
