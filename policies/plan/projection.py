"""The parts of `terraform show -json` that the gate needs, as msgspec reads them; the rest is skipped undecoded.

A resource's values stay raw text until somebody asks for them: most of a large plan is never decoded.
Source: "JSON Output Format" of the Terraform documentation, format 1.x.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

NOTHING = msgspec.Raw(b"null")


class Change(msgspec.Struct, gc=False):
    """What happens to a resource; `after_unknown` mirrors its values with true where one is known after the apply."""

    actions: list[str]
    after_unknown: msgspec.Raw = NOTHING


class ResourceChange(msgspec.Struct, gc=False):
    address: str
    mode: str
    type: str
    name: str
    change: Change
    module_address: str = ""
    index: str | int | None = None
    deposed: str = ""


class PlannedValues(msgspec.Struct, gc=False):
    address: str
    mode: str
    type: str
    name: str
    values: msgspec.Raw = NOTHING


class Module(msgspec.Struct, gc=False):
    resources: list[PlannedValues] = []
    child_modules: list[Module] = []

    def walk(self) -> Iterator[PlannedValues]:
        """Yield the resources of this module and of all below it."""
        yield from self.resources
        for child in self.child_modules:
            yield from child.walk()


class Root(msgspec.Struct, gc=False):
    root_module: Module


class Variable(msgspec.Struct, gc=False):
    value: Any = None


class PlanDocument(msgspec.Struct, gc=False):
    """`planned_values` and `resource_changes` have no default: without them the text is no plan."""

    format_version: str
    planned_values: Root
    resource_changes: list[ResourceChange] = []
    variables: dict[str, Variable] = {}
    configuration: msgspec.Raw = NOTHING
    errored: bool = False
    complete: bool = True
    deferred_changes: list[msgspec.Raw] = []


decode = msgspec.json.Decoder(PlanDocument).decode
plain = msgspec.json.Decoder().decode
