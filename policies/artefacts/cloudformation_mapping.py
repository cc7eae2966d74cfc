"""A CloudFormation resource as Terraform's resources, by the table in policies/data/cloudformation_types.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from policies.check import Resource
from policies.context import Context
from policies.data.cloudformation_types import Mapped
from policies.values import Unknown

FIELD = re.compile(r"\{(\w+)\}")


def resources(
    module: str, logical_id: str, mapped: Mapped, properties: Mapping[str, Any], context: Context | None
) -> Iterator[Resource]:
    """Yield the Terraform resources that one CloudFormation resource makes; the first one is its own.

    Args:
        module: address of the module that stands for the template; the logical id is the resources' name there.
        properties: with functions worked out.
    """
    first = identity(module, logical_id, mapped, properties, context)
    for position, part in enumerate(mapped.makes):
        if part.when and _at(properties, part.when) is None:
            continue
        items = [(properties, None, "")] if not part.for_each else _items(properties, part.for_each)
        for item, given, suffix in items:
            reader = _Reader(properties, first, given)
            values = {key: reader.read(how, item) for key, how in part.values.items()}
            values = {key: value for key, value in values.items() if value is not None}
            if position == 0 and not part.for_each:
                values = {**first, **values}
            address = f"{module}.{part.type}.{logical_id}{suffix}"
            yield Resource(address, part.type, values, context, logical_id)


def identity(
    module: str, logical_id: str, mapped: Mapped, properties: Mapping[str, Any], context: Context | None
) -> dict[str, Any]:
    """Return what other resources know the first resource by: its names, and its ARN where names make it.

    A key gets the ARN that the reader of plans gives one that does not exist yet: its address stands for its id.
    """
    address = f"{module}.{mapped.makes[0].type}.{logical_id}"
    part = mapped.makes[0]
    reader = _Reader(properties, {}, None)
    known = {key: reader.read(how, properties) for key, how in part.values.items() if isinstance(how, str)}
    known = {key: value for key, value in known.items() if value is not None}
    found: dict[str, Any] = {}
    if mapped.name == "AWS::KMS::Key":
        found["key_id"] = address
    for key in (mapped.ref, "name", "bucket"):
        if key in known:
            found[key] = known[key]
        elif key == mapped.ref and key and key not in found:
            found[key] = Unknown(frozenset({f"{address}.{key}"}))
    if mapped.arn or mapped.ref:
        found["arn"] = _arn(address, mapped, {**known, **found}, context)
    return found


def _arn(address: str, mapped: Mapped, known: Mapping[str, Any], context: Context | None) -> Any:
    fields = {"path": "/", **{key: value for key, value in known.items() if isinstance(value, str)}}
    if context is not None:
        fields.update({"account": context.account_id, "region": context.region})
    if not mapped.arn or any(not fields.get(name) for name in FIELD.findall(mapped.arn)):
        return Unknown(frozenset({f"{address}.arn"}))
    return mapped.arn.format(**fields)


class _Reader:
    """Reads properties as one part of a type wants them."""

    def __init__(self, properties: Mapping[str, Any], first: Mapping[str, Any], given: Any) -> None:
        self._properties, self._first, self._given = properties, first, given

    def read(self, how: Any, here: Any) -> Any:
        """Return the attribute that `how` says, read from the properties `here`; None when it is absent."""
        if isinstance(how, str):
            return _at(self._properties, how[1:]) if how.startswith("/") else _at(here, how)
        if "of_first" in how:
            return self._first.get(how["of_first"])
        if "item" in how:
            return self._given
        if "tags" in how:
            return _tags(_at(here, how["tags"]))
        if "blocks" in how:
            return self._blocks(_at(here, how["blocks"]), how["values"])
        found = here if how["block"] == "." else _at(here, how["block"])
        if "when" in how and _at(here, how["when"]) is None:
            found = None
        return self._blocks(found, how["values"])

    def _blocks(self, found: Any, values: Mapping[str, Any]) -> Any:
        if found is None or isinstance(found, Unknown):
            return found if isinstance(found, Unknown) else []
        items = found if isinstance(found, list) else [found]
        return [self._block(item, values) for item in items]

    def _block(self, item: Any, values: Mapping[str, Any]) -> Any:
        if not isinstance(item, Mapping):
            return item
        read = {key: self.read(how, item) for key, how in values.items()}
        return {key: value for key, value in read.items() if value is not None}


def _at(value: Any, path: str) -> Any:
    for key in path.split("."):
        if isinstance(value, Unknown) or value is None:
            return value
        if isinstance(value, list) and key.isdecimal():
            value = value[int(key)] if int(key) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, Mapping) else Unknown()
    return value


def _items(properties: Mapping[str, Any], path: str) -> list[tuple[Any, Any, str]]:
    """Return (properties of the item, the item, suffix of its address) of a list; one item when it is unknown."""
    found = _at(properties, path)
    if found is None:
        return []
    items = found if isinstance(found, list) else [found]
    return [
        (item if isinstance(item, Mapping | Unknown) else {}, item, f"[{index}]") for index, item in enumerate(items)
    ]


def _tags(found: Any) -> Any:
    """Return Key and Value pairs as a mapping."""
    if not isinstance(found, list):
        return found
    if not all(isinstance(item, Mapping) and isinstance(item.get("Key"), str) for item in found):
        return Unknown()
    return {item["Key"]: item.get("Value") for item in found}
