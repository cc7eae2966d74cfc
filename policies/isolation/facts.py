"""What is known about a request before anybody makes it: for each condition key, the values it can have.

A key that nothing is known about can be absent or any text. That keeps every answer on the safe side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Absent:
    """The request does not carry the key."""


@dataclass(frozen=True)
class Like:
    """Any text that the pattern covers."""

    pattern: str


ABSENT = Absent()
Value = Absent | Like | str | frozenset[str]
"""One possibility: absent, one of many texts, exactly this text, or exactly this set of texts."""

Domain = tuple[Value, ...]
ANYTHING: Domain = (ABSENT, Like("*"))


@dataclass(frozen=True)
class Facts:
    """`{condition key in lower case: its possible values}`; every other key is ANYTHING."""

    known: Mapping[str, Domain] = field(default_factory=dict)
    tagged: frozenset[str] = frozenset()
    """Prefixes of tag keys, `aws:principaltag/`, of which every tag is known: a tag not in `known` is absent."""
    has_variables: bool = True
    """Policies of Version 2008-10-17 take `${…}` for text; what it is there is left open."""

    def __getitem__(self, key: str) -> Domain:
        key = key.lower()
        if key in self.known:
            return self.known[key]
        prefix = key.partition("/")[0] + "/"
        return (ABSENT,) if prefix in self.tagged else ANYTHING

    def with_(self, more: Mapping[str, Domain], tagged: frozenset[str] = frozenset()) -> Facts:
        return Facts({**self.known, **more}, self.tagged | tagged, self.has_variables)

    def without_variables(self) -> Facts:
        return Facts(self.known, self.tagged, has_variables=False)


def tag_domains(prefix: str, tags: Mapping[str, str], *, perhaps_absent: bool = False) -> dict[str, Domain]:
    """Return the domains of `prefix` + tag key. Keys that differ in case only are one key to IAM: then either value.

    Args:
        perhaps_absent: not every service tells IAM the tags of its resources.
    """
    found: dict[str, Domain] = {}
    for key, value in tags.items():
        name = f"{prefix}{key}".lower()
        found[name] = (*found.get(name, (ABSENT,) if perhaps_absent else ()), value)
    return found
