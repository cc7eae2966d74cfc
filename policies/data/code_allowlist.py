"""What hand-written code may reach, as the CSO wrote it in code_allowlist.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from policies.data import read


@dataclass(frozen=True)
class Profile:
    """What one kind of code may reach; every regular expression is of a whole name.

    Attributes:
        modules: `{module: names that may be taken from it}`.
        called: modules from which a name may only be called on the spot.
        attributes_refused: names of attributes that may be taken from nothing.
        attributes_only_here: of those that are refused elsewhere.
        builtins: Python's own.
        addresses: globs of the addresses that texts may hold.
        aliases: names that modules may be bound as besides their own; None where any will do.
        texts_refused: `{what it is: regular expression to search for}`.
    """

    modules: Mapping[str, str]
    called: frozenset[str]
    attributes_refused: str
    attributes_only_here: frozenset[str]
    builtins: frozenset[str]
    addresses: tuple[str, ...]
    texts_refused: Mapping[str, str]
    aliases: frozenset[str] | None = None

    def may_take(self, module: str, name: str) -> bool:
        pattern = self.modules.get(module)
        return pattern is not None and re.fullmatch(pattern, name) is not None

    @cache  # noqa: B019 -- profiles are few and live as long as the process
    def is_refused(self, attribute: str) -> bool:
        refused = re.fullmatch(self.attributes_refused, attribute) is not None
        return refused and attribute not in self.attributes_only_here

    def __hash__(self) -> int:
        return id(self)


@lru_cache(maxsize=256)
def profile(kind: str, path: str) -> Profile:
    """Return what the file at `path` may reach.

    Args:
        kind: `spark_job`, `spark_runtime` or `dag_runtime`.

    Raises:
        RegisterBroken: the file of facts cannot be relied on.
    """
    facts = read("code_allowlist")
    found: Mapping[str, Any] = facts[kind]
    kept = {name for names in found.get("attributes_only_in", {}).values() for name in names}
    return Profile(
        modules={**found["modules"], **found.get("only_in", {}).get(path, {})},
        called=frozenset(found["called"]),
        attributes_refused="|".join(f"(?:{pattern})" for pattern in [*found["attributes_refused"], *sorted(kept)]),
        attributes_only_here=frozenset(found.get("attributes_only_in", {}).get(path, ())),
        builtins=frozenset(f"{facts['builtins']} {facts.get(f'builtins_of_{kind}', '')}".split()),
        addresses=tuple(found["addresses"]),
        texts_refused={**facts["texts_refused"], **facts.get(f"texts_refused_of_{kind}", {})},
        aliases=frozenset(found["aliases"]) if "aliases" in found else None,
    )
