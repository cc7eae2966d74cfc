"""YAML that the gate relies on, read strictly: one document, no key twice, nothing that is not plain data.

PyYAML takes the last of two equal keys without a word: a second `severity:` or `expires:` would win unseen.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from policies.errors import RegisterBroken

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # pragma: no cover -- a PyYAML built without libyaml reads the same, slower
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

LINE = "__line__"
"""Key under which `read(…, lines=True)` puts the line of each mapping, from 1."""


class _Strict(Loader):
    keeps_lines = False

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    "while reading a mapping", node.start_mark, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        mapping = super().construct_mapping(node, deep=deep)
        if self.keeps_lines:
            mapping[LINE] = node.start_mark.line + 1
        return mapping


class _StrictWithLines(_Strict):
    keeps_lines = True


def read(path: Path, *, lines: bool = False) -> dict[str, Any]:
    """Return the one mapping that a YAML file holds.

    Args:
        lines: put each mapping's line under the key `__line__`.

    Raises:
        RegisterBroken: the file is missing, is not UTF-8 YAML, names a key twice, or holds no mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RegisterBroken(f"{path}: cannot be read: {error}") from None
    return parse(text, str(path), lines=lines)


def parse(text: str, where: str, *, lines: bool = False) -> dict[str, Any]:
    """Like `read`, of text that is already there; `where` names it in messages."""
    try:
        value = yaml.load(text, Loader=_StrictWithLines if lines else _Strict)  # noqa: S506 -- a SafeLoader
    except (yaml.YAMLError, RecursionError, TypeError) as error:
        raise RegisterBroken(f"{where}: is not strict YAML: {error}") from None
    if not isinstance(value, dict):
        raise RegisterBroken(f"{where}: holds {type(value).__name__} where a mapping was expected")
    return value


def nodes(path: Path) -> yaml.Node | None:
    """Return the tree of a YAML file, whose nodes know their lines; None where it cannot be read."""
    try:
        return yaml.compose(path.read_text(encoding="utf-8"), Loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError):
        return None
