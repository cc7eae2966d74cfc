"""Unknown values that are told apart although nobody knows them yet: a key that is still to be made, a hidden document.

A first plan knows no key's ARN, but it knows which key each resource will use; and Terraform hides a whole JSON text
for one unknown leaf, but shows the terraform_data whose input the text encodes. Both are put where the unknown stood.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from policies.context import Context

KEY_ATTRIBUTE = re.compile(r"(^|_)(kms|key)(_|$)")
"""Attributes that hold a key's ARN or id as it is, and not a text that is made of one."""
INSTANCE_KEY = r'(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?'
SOURCE = re.compile(rf"((?:module\.[\w-]+{INSTANCE_KEY}\.)*([\w-]+)\.[\w-]+{INSTANCE_KEY})\.(.+)")
HIDDEN = frozenset({"input", "output"})


class Source(NamedTuple):
    """One attribute that a value is made of, taken apart."""

    address: str
    type: str
    path: tuple[str, ...]


def source(text: str) -> Source | None:
    """Return the managed resource and the attribute that `text` names; None for one of a data source."""
    found = SOURCE.fullmatch(text)
    return Source(found[1], found[2], tuple(found[3].split("."))) if found and found[2] != "data" else None


class Symbols:
    """Names for the keys that will exist in one stack."""

    def __init__(self, context: Context | None, variables: Mapping[str, Any]) -> None:
        region = (context and context.region) or variables.get("region", "")
        account = (context and context.account_id) or variables.get("account_id", "")
        self._prefix = f"arn:aws:kms:{region}:{account}:"

    def own(self, type: str, address: str, path: tuple[str | int, ...], values: Mapping[str, Any]) -> str | None:
        """Return the text for an unknown attribute that the key, or alias, at `address` gets when it is made."""
        attribute = path[0] if len(path) == 1 else ""
        if type == "aws_kms_key":
            return {"arn": self._arn(address), "id": address, "key_id": address}.get(str(attribute))
        if type == "aws_kms_alias" and attribute == "arn" and isinstance(values.get("name"), str):
            return self._prefix + str(values["name"])
        return None

    def of_key(self, sources: frozenset[str]) -> str | None:
        """Return the text for a value that is made of exactly one key, which does not exist yet."""
        found = [source(text) for text in sources]
        keys = {item.address for item in found if item and item.type == "aws_kms_key"}
        if len(keys) != 1 or any(item is None or item.type != "aws_kms_key" for item in found):
            return None
        is_id = all(item and item.path in (("id",), ("key_id",)) for item in found)
        return keys.pop() if is_id else self._arn(keys.pop())

    def _arn(self, address: str) -> str:
        return f"{self._prefix}key/{address}"


def document_of(sources: frozenset[str]) -> tuple[str, tuple[str, ...]] | None:
    """Return (address, path into its input) of the one terraform_data that a value is made of.

    `terraform_data.x[each.key].input` is listed without its attribute; then all unknown ones stand here, `id` too.
    """
    found = [source(text) for text in sources]
    if not found or any(item is None or item.type != "terraform_data" for item in found):
        return None
    where = {(item.address, item.path[1:]) for item in found if item and item.path[0] in HIDDEN}
    others = {item.path for item in found if item and item.path[0] not in HIDDEN}
    addresses = {item.address for item in found if item}
    if len(where) != 1 or len(addresses) != 1 or others - {("id",)}:
        return None
    return where.pop()
