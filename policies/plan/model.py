"""One stack's plan: an index by address and by type, and the questions that whole-plan rules ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policies.check import Resource
from policies.context import Context


class Plan:
    """What would exist in one stack after the apply; resources that the plan deletes are not in it.

    Attributes:
        context: environment and stack of the plan.
        resources: `{address: managed resource}`.
        variables: the root's input variables, `{name: value}`.
        sha256: digest of the plan's JSON, hexadecimal.
    """

    def __init__(
        self, context: Context, resources: Iterable[Resource], variables: Mapping[str, Any], sha256: str = ""
    ) -> None:
        self.context = context
        self.resources = {resource.address: resource for resource in resources}
        self.variables = variables
        self.sha256 = sha256
        self._by_type: dict[str, list[Resource]] = {}
        for resource in self.resources.values():
            self._by_type.setdefault(resource.type, []).append(resource)

    def of_type(self, *types: str) -> list[Resource]:
        """Return the resources of these types in the plan's order."""
        return [resource for name in types for resource in self._by_type.get(name, [])]

    def referring(self, resource: Resource, type: str, attribute: str) -> list[Resource]:
        """Return the resources of `type` whose `attribute` names `resource`: by its name, id or ARN, or by reference."""
        names = {resource.values.get(key) for key in ("id", "arn", "bucket", "name", "key_id", "identifier")} - {None}
        names = {name for name in names if isinstance(name, str)}
        found = []
        for candidate in self.of_type(type):
            value = candidate.values.get(attribute)
            sources = candidate.sources(attribute)
            by_reference = any(source.startswith(f"{resource.address}.") for source in sources)
            if by_reference or (isinstance(value, str) and value in names):
                found.append(candidate)
        return found
