"""Values as Terraform plans them, with known, unknown and absent told apart.

A check reads a resource through a Block and never through a dictionary: so no check can take an unknown for a pass, a
null for a value, or JSON in a string for text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from policies.documents import PolicyDocument
from policies.errors import Undecided


@dataclass(frozen=True)
class Unknown:
    """A value that is known only after the apply.

    Attributes:
        sources: attributes that it is made of, `module.key.aws_kms_key.this.arn`; empty when that cannot be told.
    """

    sources: frozenset[str] = frozenset()


class Block:
    """A resource's values, a nested block or a decoded document. Paths are dotted; a single nested block has no index.

    Attributes:
        values: `{attribute: value}` as in a plan's JSON; unknown values are `Unknown`, null is the same as absent.
        path: where the block stands, for messages; empty for a whole resource.
    """

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        self.values = values
        self.path = path

    def get(self, path: str) -> Any:
        """Return the value at `path`, or None when it is absent or null.

        Raises:
            Undecided: the value, or a block on the way to it, is unknown until apply.
        """
        value = self._find(path)
        if isinstance(value, Unknown):
            raise Undecided(f"{self._at(path)} is known only after the apply")
        if isinstance(value, list) and any(isinstance(item, Unknown) for item in value):
            raise Undecided(f"{self._at(path)} is in part known only after the apply")
        return value

    def blocks(self, path: str) -> list[Block]:
        """Return the nested blocks, or the list of objects, at `path`; empty when there is none.

        Raises:
            Undecided: their number, or one of them, is unknown, or what stands there is no block.
        """
        value = self.get(path)
        items = [] if value is None else value if isinstance(value, list) else [value]
        if not all(isinstance(item, Mapping) for item in items):
            raise Undecided(f"{self._at(path)} holds {type(value).__name__} where blocks were expected")
        return [Block(item, f"{self._at(path)}[{index}]") for index, item in enumerate(items)]

    def block(self, path: str) -> Block:
        """Return the one nested block at `path`; an empty one when there is none."""
        found = self.blocks(path)
        if len(found) > 1:
            raise Undecided(f"{self._at(path)} holds {len(found)} blocks where one was expected")
        return found[0] if found else Block({}, self._at(path))

    def strings(self, path: str) -> list[str]:
        """Return the list of strings at `path`; one string counts as a list of one, absent as an empty list."""
        value = self.get(path)
        items = [] if value is None else value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) for item in items):
            raise Undecided(f"{self._at(path)} holds something else than text")
        return items

    def document(self, path: str) -> Block:
        """Return the JSON document that stands as text at `path`; an empty block when it is absent.

        Raises:
            Undecided: the text is unknown, or it is not a JSON object.
        """
        value = self.get(path)
        if value is None:
            return Block({}, self._at(path))
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, str):
            value = decode(value, self._at(path))
        if not isinstance(value, Mapping):
            raise Undecided(f"{self._at(path)} holds {type(value).__name__} where a JSON object was expected")
        return Block(value, self._at(path))

    def policy(self, path: str) -> PolicyDocument:
        """Return the IAM policy at `path`; one without statements when it is absent.

        Raises:
            Undecided: the text is unknown or is no policy.
        """
        if path not in self._policies:  # several checks read the same one
            self._policies[path] = PolicyDocument.of(self.document(path).values, self._at(path))
        return self._policies[path]

    @cached_property
    def _policies(self) -> dict[str, PolicyDocument]:
        return {}

    def sources(self, path: str) -> frozenset[str]:
        """Return what an unknown value at `path` is made of; empty when it is known, absent or untraceable."""
        value = self._find(path)
        items = value if isinstance(value, list) else [value]
        return frozenset().union(*(item.sources for item in items if isinstance(item, Unknown)))

    def is_unknown(self, path: str) -> bool:
        value = self._find(path)
        return isinstance(value, Unknown) or (
            isinstance(value, list) and any(isinstance(item, Unknown) for item in value)
        )

    def _at(self, path: str) -> str:
        return f"{self.path}.{path}" if self.path else path

    def _find(self, path: str) -> Any:
        if "." not in path:
            return self.values.get(path)
        value: Any = self.values
        for name in path.split("."):
            if isinstance(value, list) and len(value) == 1:
                value = value[0]
            if isinstance(value, Unknown):
                return value
            if isinstance(value, list) and name.isdecimal():
                value = value[int(name)] if int(name) < len(value) else None
            elif isinstance(value, dict | Mapping):  # dict first: it is what stands there, and quick to tell
                value = value.get(name)
            elif value is None:
                return None
            else:
                raise Undecided(f"{self._at(path)} cannot be read: {name!r} is sought in {type(value).__name__}")
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def __repr__(self) -> str:
        return f"Block({self.path or '.'}: {', '.join(self.values)})"


def decode(text: str, where: str) -> Any:
    """Return the JSON value of `text`.

    Raises:
        Undecided: it is not JSON, or names a key twice, which readers would understand differently.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise Undecided(f"{where} is not JSON: {error}") from None
