"""Keys that CloudFormation makes: moto makes every one symmetric, and breaks at its tags.

The stack that prepares an account notices: two of its keys sign, and all of them are tagged.
"""

from __future__ import annotations

import json
from typing import Any

from moto.kms.models import Key, kms_backends


def stack_keys() -> None:
    """Let a template say usage, kind and tags of a key, as AWS does."""

    def create(
        cls: type[Key], /, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **_: Any
    ) -> Key:
        said = cloudformation_json["Properties"]
        policy = said.get("KeyPolicy")
        key = kms_backends[account_id][region_name].create_key(
            policy=json.dumps(policy) if policy else None,
            key_usage=said.get("KeyUsage", "ENCRYPT_DECRYPT"),
            key_spec=said.get("KeySpec", "SYMMETRIC_DEFAULT"),
            description=said.get("Description"),
            tags=[{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in said.get("Tags", [])],
        )
        key.key_rotation_status = said.get("EnableKeyRotation", False)
        key.enabled = said.get("Enabled", True)
        return key

    Key.create_from_cloudformation_json = classmethod(create)
