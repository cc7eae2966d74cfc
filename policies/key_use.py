"""What a key policy's statement gives: to administer the key, to read what it protects, to write under it."""

from __future__ import annotations

from policies.documents import Statement
from policies.statements import holds

ADMINISTER = ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey")
DELETE = ("kms:ScheduleKeyDeletion", "kms:DisableKey")
DECRYPT = ("kms:Decrypt", "kms:ReEncryptFrom")
ENCRYPT = ("kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptTo")


def administers(statement: Statement) -> bool:
    """Tell whether the statement lets someone change, disable or delete the key."""
    return any(statement.covers_action(action) for action in ADMINISTER)


def deletes(statement: Statement) -> bool:
    return any(statement.covers_action(action) for action in DELETE)


def decrypts(statement: Statement) -> bool:
    """Tell whether the statement lets someone read; who may hand out grants freely may give them to himself."""
    grants = statement.covers_action("kms:CreateGrant") and not holds(statement, "kms:GrantIsForAWSResource", "true")
    return grants or any(statement.covers_action(action) for action in DECRYPT)


def encrypts(statement: Statement) -> bool:
    return any(statement.covers_action(action) for action in ENCRYPT)
