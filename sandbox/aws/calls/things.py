"""What a request names, as an ARN: roles by name, keys by alias, secrets, queues, stacks, as the local cloud has them.

What it does not have yet, or any more, gets the ARN that AWS would give it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.cloudformation.models import cloudformation_backends
from moto.glue.models import glue_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.secretsmanager.models import secretsmanager_backends

PARTITION = "aws"


def arn(kind: str, text: str, places: Mapping[str, str]) -> str:
    """Return the ARN of a thing that a request names by ARN, name or address.

    Args:
        kind: one of KINDS.
        places: the request's parameters, its `region` and its `account`.
    """
    return text if text.startswith("arn:") and kind != "key" else KINDS[kind](text, places)


def role_named(account: str, name: str) -> Any:
    """Return moto's role of a name, or None."""
    roles = iam_backends[account][PARTITION].roles.values()
    return next((role for role in list(roles) if role.name == name), None)


def boundary(parameters: Mapping[str, Any], account: str) -> str | None:
    """Return the boundary of the role that a request to IAM names, if it has one."""
    role = role_named(account, str(parameters.get("RoleName")))
    return None if role is None else role.permissions_boundary_arn


def passed_role(text: str, places: Mapping[str, str]) -> str:
    """Return the ARN of a role that is handed on by name, by ARN, or in an instance profile."""
    name = text.rpartition("/")[2]
    if text.startswith("arn:") and ":instance-profile/" not in text:
        return text
    for profile in list(iam_backends[places["account"]][PARTITION].instance_profiles.values()):
        if profile.name == name and profile.roles and role_named(places["account"], name) is None:
            return str(profile.roles[0].arn)
    return _role(name, places)


def catalog_key(places: Mapping[str, str]) -> str:
    """Return the key under which the account's Glue catalogue lies; empty where none was chosen."""
    account = places["account"]
    chosen = glue_backends[account][places["region"]].data_catalog_encryption_settings.get(account, {})
    return str(chosen.get("EncryptionAtRest", {}).get("SseAwsKmsKeyId", ""))


def _role(name: str, places: Mapping[str, str]) -> str:
    found = role_named(places["account"], name)
    path = places.get("Path", "/")
    return str(found.arn) if found else f"arn:aws:iam::{places['account']}:role{path}{name}"


def _key(text: str, places: Mapping[str, str]) -> str:
    account, region = places["account"], places["region"]
    if text.startswith("arn:"):
        region, account = text.split(":")[3:5]
    name = text.split(":", 5)[-1]
    for key in list(kms_backends[account][region].keys.values()):
        if name in (key.id, f"key/{key.id}") or name in key.aliases:
            return str(key.arn)
    return f"arn:aws:kms:{region}:{account}:key/{name.removeprefix('key/')}"


def secret_key(name: str, places: Mapping[str, str]) -> str:
    """Return the key of the account's own under which a secret lies; empty where it has none."""
    found = _found_secret(name, places)
    return str(found.kms_key_id or "") if found else ""


def _found_secret(name: str, places: Mapping[str, str]) -> Any:
    secrets = secretsmanager_backends[places["account"]][places["region"]].secrets
    return next((secret for secret in list(dict.values(secrets)) if name in (secret.name, secret.arn)), None)


def _secret(name: str, places: Mapping[str, str]) -> str:
    found = _found_secret(name, places)
    beginning = f"arn:aws:secretsmanager:{places['region']}:{places['account']}:secret:"
    return str(found.arn) if found else f"{beginning}{name}-abcdef"


def _queue(address: str, places: Mapping[str, str]) -> str:
    return f"arn:aws:sqs:{places['region']}:{places['account']}:{address.rpartition('/')[2]}"


def _stack(name: str, places: Mapping[str, str]) -> str:
    for stack in list(cloudformation_backends[places["account"]][places["region"]].stacks.values()):
        if stack.name == name:
            return str(stack.stack_id)
    return f"arn:aws:cloudformation:{places['region']}:{places['account']}:stack/{name}/new"


KINDS: Mapping[str, Callable[[str, Mapping[str, str]], str]] = {
    "role": _role,
    "key": _key,
    "secret": _secret,
    "queue": _queue,
    "stack": _stack,
}
