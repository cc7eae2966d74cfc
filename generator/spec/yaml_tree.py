"""YAML events made into a tree of nodes that know where they stand.

Decides which part of YAML a spec may use and how far it may grow. Works on parser events, so that an anchor bomb is
counted and never expanded. It must not know about files (`document.py`) or what a key means (`validation.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode

from generator.errors import DuplicateKey, Place, SpecError, SpecErrors, YamlSyntax, YamlTooLarge, shown

MAX_BYTES = 128 * 1024
MAX_NODES = 6_000
"""Values in one file once its aliases are expanded; a contract of 26 columns has some 600."""
MAX_DEPTH = 20
MAX_DIGITS = 18

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]
Location = tuple[str | int, ...]


@dataclass
class Node:
    """One value: a scalar, a list of nodes or a mapping of nodes. `size` counts it with everything below it."""

    line: int
    column: int
    value: bool | int | float | str | list[Node] | dict[str, Node] | None
    text: str = ""
    """A scalar as it was written, without quotes."""
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    """{key: its line and column} of a mapping."""
    size: int = 1

    def plain(self) -> Plain:
        """Return the value without positions, as JSON would hold it."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def dotted(location: Location) -> str:
    """Return a location as people write it: `jobs.conform.reads[0]`."""
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.replace("_", "").replace("-", "").isalnum() and part.isascii():
            text += f".{part}" if text else part
        else:
            text += f"[{shown(part)}]"
    return text


@dataclass
class _Open:
    """A list or mapping whose end has not been met."""

    node: Node
    anchor: str | None
    key: tuple[str | None, int, int] | None = None
    """Key whose value comes next, with its line and column; its name is None when it is reported and left out."""


class TreeBuilder:
    """Builds nodes from parser events; iterative, so that depth is bounded by MAX_DEPTH and not by the interpreter."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[SpecError] = []
        self.top: Node | None = None
        self._open: list[_Open] = []
        self._anchors: dict[str, Node | None] = {}
        self._total = 0
        safe = YAML(typ="safe", pure=True)
        self._resolver, self._constructor = safe.resolver, safe.constructor

    def take(self, event: Event) -> None:
        """Add one event.

        Raises:
            SpecErrors: the document has grown beyond the limits.
        """
        place = Place(self.path, event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, DocumentStartEvent):
            self._start_document(event, place)
        elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            self._start(event, place)
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            self._end(place)
        elif isinstance(event, ScalarEvent):
            self._scalar(event, place)
        elif isinstance(event, AliasEvent):
            self._alias(event, place)

    def _start_document(self, event: DocumentStartEvent, place: Place) -> None:
        if self.top is not None or self._open:
            self.problems.append(syntax_error(place, "a second document starts here"))
        if event.version or event.tags:
            self.problems.append(syntax_error(place, "a % directive stands before the document"))

    def _start(self, event: MappingStartEvent | SequenceStartEvent, place: Place) -> None:
        self._refuse_tag(event.tag, place)
        if len(self._open) >= MAX_DEPTH:
            raise SpecErrors([*self.problems, too_large(place, f"values are nested more than {MAX_DEPTH} deep")])
        value: list[Node] | dict[str, Node] = {} if isinstance(event, MappingStartEvent) else []
        if event.anchor:
            self._anchors[event.anchor] = None
        self._open.append(_Open(Node(place.line, place.column, value), event.anchor))

    def _end(self, place: Place) -> None:
        done = self._open.pop()
        if done.anchor:
            self._anchors[done.anchor] = done.node
        self._add(done.node, place)

    def _scalar(self, event: ScalarEvent, place: Place) -> None:
        self._refuse_tag(event.tag, place)
        text = str(event.value)
        if any("\ud800" <= character <= "\udfff" for character in text):
            self.problems.append(syntax_error(place, f"{shown(text)} holds half a character (a surrogate)"))
            text = text.encode("utf-8", "replace").decode("utf-8")
        value = self._resolve(text, is_plain=bool(event.implicit[0]) and event.tag is None)
        node = Node(place.line, place.column, value, text)
        if event.anchor:
            self._anchors[event.anchor] = node
        self._add(node, place, is_merge=text == "<<" and not event.style)

    def _alias(self, event: AliasEvent, place: Place) -> None:
        if event.anchor not in self._anchors:
            self.problems.append(syntax_error(place, f"alias {shown(event.anchor)} has no anchor before it"))
            target: Node | None = Node(place.line, place.column, None)
        else:
            target = self._anchors[event.anchor]
        if target is None:
            raise SpecErrors([*self.problems, too_large(place, f"alias {shown(event.anchor)} stands inside itself")])
        self._add(
            Node(place.line, place.column, target.value, target.text, target.keys, target.size), place, is_alias=True
        )

    def _resolve(self, text: str, *, is_plain: bool) -> bool | int | float | str | None:
        """Return what a plain scalar means; dates, infinities and endless numbers stay text, as in JSON."""
        if not is_plain:
            return text
        tag = self._resolver.resolve(ScalarNode, text, (True, False))
        kind = str(tag).rpartition(":")[2]
        if kind not in {"null", "bool", "int", "float"} or (kind in {"int", "float"} and not _is_short_number(text)):
            return text
        value: bool | int | float | None = self._constructor.construct_object(ScalarNode(tag, text))
        return value

    def _add(self, node: Node, place: Place, *, is_merge: bool = False, is_alias: bool = False) -> None:
        """Put a finished node where it belongs: top, next item, key or value of a key."""
        self._total += node.size if is_alias else 1
        if self._total > MAX_NODES or node.size > MAX_NODES:
            raise SpecErrors(
                [*self.problems, too_large(place, f"with its aliases expanded it holds more than {MAX_NODES} values")]
            )
        if not self._open:
            self.top = self.top or node
            return
        parent = self._open[-1]
        parent.node.size += node.size
        if isinstance(parent.node.value, list):
            parent.node.value.append(node)
        elif parent.key is None:
            parent.key = (self._key(node, place, is_merge=is_merge), place.line, place.column)
        elif isinstance(parent.node.value, dict):
            self._put(parent.node, parent.node.value, parent.key, node)
            parent.key = None

    def _key(self, node: Node, place: Place, *, is_merge: bool) -> str | None:
        if isinstance(node.value, (dict, list)):
            self.problems.append(syntax_error(place, "a list or mapping is used as a key"))
        elif is_merge:
            fix = "write the keys out that are meant to stand here"
            self.problems.append(syntax_error(place, "'<<' merges another mapping into this one", fix))
        else:
            return node.text
        return None

    def _put(self, parent: Node, values: dict[str, Node], key: tuple[str | None, int, int], node: Node) -> None:
        name, line, column = key
        if name is None:
            return
        if name not in values:
            values[name], parent.keys[name] = node, (line, column)
            return
        first = parent.keys[name]
        self.problems.append(
            DuplicateKey(
                Place(self.path, line, column, dotted((*self._location(), name))),
                f"key {shown(name)} stands here a second time",
                value=name,
                expected="each key once",
                why="readers of YAML disagree on which of the two counts",
                fix=f"remove this one or the one on line {first[0]}",
            )
        )

    def _location(self) -> Location:
        """Return the location of the innermost open node."""
        location: list[str | int] = []
        for opened in self._open[:-1]:
            if isinstance(opened.node.value, list):
                location.append(len(opened.node.value))
            elif opened.key is not None and opened.key[0] is not None:
                location.append(opened.key[0])
        return tuple(location)

    def _refuse_tag(self, tag: object, place: Place) -> None:
        if tag is not None:
            self.problems.append(syntax_error(place, f"{shown(str(tag))} is a YAML tag"))


def _is_short_number(text: str) -> bool:
    return len(text) <= MAX_DIGITS and not text.lower().lstrip("+-").startswith((".inf", ".nan"))


CORRECT_IT = "correct the YAML here; quote text that holds any of : # { } [ ] , & * ! | > % @"


def syntax_error(place: Place, problem: str, fix: str = CORRECT_IT) -> YamlSyntax:
    return YamlSyntax(
        place,
        problem,
        expected="one YAML 1.2 document of plain mappings, lists and scalars, in UTF-8",
        why="a spec says one thing, and says it where it stands",
        fix=fix,
    )


def too_large(place: Place, problem: str) -> YamlTooLarge:
    return YamlTooLarge(
        place,
        problem,
        expected=f"at most {MAX_BYTES // 1024} KiB, {MAX_NODES} values with aliases expanded, {MAX_DEPTH} levels",
        why="a file that grows without bound would stop the generator for every tenant",
        fix="write the values out, without aliases that refer to aliases",
    )
