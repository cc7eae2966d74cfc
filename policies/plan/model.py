"""One stack's plan: an index by address and by type, and the questions that whole-plan rules ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from policies.check import Resource
from policies.context import Context
from policies.errors import Undecided
from policies.plan.symbols import source

Derived = TypeVar("Derived")
NAMES = ("id", "arn", "bucket", "name", "key_id", "identifier")


class Plan:
    """What would exist in one stack after the apply; resources that the plan deletes are not in it.

    Attributes:
        context: environment and stack of the plan.
        resources: `{address: managed resource}`.
        variables: the root's input variables, `{name: value}`.
        sha256: digest of the plan's JSON, hexadecimal.
        locate: gives file and line of the block that makes the resource at an address, or None.
        refuses_to_destroy: tells whether that block says prevent_destroy; None where that cannot be told.
    """

    locate: Callable[[str], tuple[Path, int] | None]
    refuses_to_destroy: Callable[[str], bool | None]

    def __init__(
        self, context: Context | None, resources: Iterable[Resource], variables: Mapping[str, Any], sha256: str = ""
    ) -> None:
        self._context = context
        self.resources = {resource.address: resource for resource in resources}
        self.variables = variables
        self.sha256 = sha256
        self.locate = lambda address: None
        self.refuses_to_destroy = lambda address: None
        self._by_type: dict[str, list[Resource]] = {}
        self._derived: dict[Callable[[Plan], Any], tuple[Any, Undecided | None]] = {}
        self._referring: dict[tuple[str, str], _Index] = {}
        for resource in self.resources.values():
            self._by_type.setdefault(resource.type, []).append(resource)

    @property
    def context(self) -> Context:
        """Where and when the plan is judged.

        Raises:
            Undecided: nobody said.
        """
        if self._context is None:
            raise Undecided("the environment and the day of the judgement are not known here; `sluice gate` knows them")
        return self._context

    def once(self, of: Callable[[Plan], Derived]) -> Derived:
        """Return `of(plan)`, computed for the first who asks: what is the same for every resource of the plan.

        What `of` raises is raised again for everyone.
        """
        if of not in self._derived:
            try:
                self._derived[of] = (of(self), None)
            except Undecided as reason:
                self._derived[of] = (None, reason)
        found, undecided = self._derived[of]
        if undecided is not None:
            raise Undecided(str(undecided))
        result: Derived = found
        return result

    def of_type(self, *types: str) -> list[Resource]:
        """Return the resources of these types in the plan's order."""
        return [resource for name in types for resource in self._by_type.get(name, [])]

    def referring(self, resource: Resource, type: str, attribute: str) -> list[Resource]:
        """Return the resources of `type` whose `attribute` names `resource`: by its name, id or ARN, or by reference.

        Raises:
            Undecided: none is found, and one may be meant by a value that is known only after the apply.
        """
        return self._index(type, attribute).of(resource)

    def _index(self, type: str, attribute: str) -> _Index:
        where = (type, attribute)
        if where not in self._referring:
            self._referring[where] = _Index(self._by_type.get(type, []), attribute)
        return self._referring[where]

    def unclear(self, type: str, attribute: str) -> list[Resource]:
        """Return the resources of `type` of which nobody can tell what their `attribute` names."""
        return self._index(type, attribute).unclear


class _Index:
    """Resources of one type by what one attribute of theirs holds.

    Attributes:
        unclear: those of which that cannot be told.
    """

    def __init__(self, candidates: Iterable[Resource], attribute: str) -> None:
        self._attribute = attribute
        self._by_value: dict[str, list[Resource]] = {}
        self._by_source: dict[str, list[Resource]] = {}
        self.unclear: list[Resource] = []
        for candidate in candidates:
            value = candidate.values.get(attribute)
            if isinstance(value, str):
                self._by_value.setdefault(value, []).append(candidate)
            elif candidate.is_unknown(attribute):
                self._add_unknown(candidate)

    def _add_unknown(self, candidate: Resource) -> None:
        addresses = {found.address if (found := source(text)) else "" for text in candidate.sources(self._attribute)}
        if len(addresses) == 1 and not addresses & {"", candidate.address}:
            self._by_source.setdefault(addresses.pop(), []).append(candidate)
        else:
            self.unclear.append(candidate)

    def of(self, resource: Resource) -> list[Resource]:
        names = dict.fromkeys(resource.values.get(key) for key in NAMES)
        found = [*self._by_source.get(resource.address, [])]
        for name in names:
            if isinstance(name, str):
                found += self._by_value.get(name, [])
        if not found and self.unclear:
            unclear = f"{self.unclear[0].address}.{self._attribute}"
            raise Undecided(f"{unclear} is known only after the apply and may name {resource.address}")
        return found
