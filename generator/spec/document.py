"""A YAML file as a document: its tree, and the place of every location in it.

Decides how a file that cannot be read is reported. It must not know what any key means (`validation.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from generator.errors import MissingFile, Place, SpecError, SpecErrors
from generator.spec.yaml_tree import MAX_BYTES, Location, Node, TreeBuilder, dotted, syntax_error, too_large

PARSER_SAYS = (
    ("found character '\\t'", "a tab stands here", "indent by spaces"),
    (
        "expected <block end>",
        "this line does not go on with what stands above it",
        "indent it as far as its neighbours; keys and lines that begin with - do not mix",
    ),
)
"""(how a parser's message begins, what it means to people, how to mend it)."""


@dataclass
class Document:
    """A parsed file. `problems` are mistakes of form that did not stop the rest from being read."""

    path: str
    root: Node
    problems: list[SpecError]

    def node(self, location: Location) -> Node | None:
        """Return the node at `location`, None when nothing stands there."""
        node = self.root
        for part in location:
            below = _child(node, part)
            if below is None:
                return None
            node = below
        return node

    def at(self, location: Location, *, key: bool = False) -> Place:
        """Return the place of the value at `location`, or of its key; when absent, of the deepest part that exists."""
        node = self.root
        line, column = node.line, node.column
        for index, part in enumerate(location):
            below = _child(node, part)
            if below is None:
                break
            line, column = below.line, below.column
            if key and index == len(location) - 1 and isinstance(part, str):
                line, column = node.keys[part]
            node = below
        return Place(self.path, line, column, dotted(location))

    def text(self, location: Location) -> str:
        """Return the scalar at `location` as written, empty when there is none."""
        node = self.node(location)
        return node.text if node else ""


def read(root: Path, path: str) -> Document:
    """Return the parsed file `path`, relative to `root`.

    Raises:
        SpecErrors: it does not exist, is too large, or is not YAML of the kind that specs use.
    """
    file = root / path
    if not file.is_file():
        raise SpecErrors(
            [
                MissingFile(
                    Place(path),
                    "this file does not exist",
                    expected="a YAML file",
                    why="without it nothing is known to render",
                    fix=f"write {path}",
                )
            ]
        )
    with file.open("rb") as stream:
        content = stream.read(MAX_BYTES + 1)
    return parse(path, content)


def parse(path: str, content: bytes | str) -> Document:
    """Return the tree of one YAML document.

    Raises:
        SpecErrors: it cannot be read as one mapping; mistakes that leave the rest readable go to `Document.problems`.
    """
    if len(content) > MAX_BYTES:
        raise SpecErrors([too_large(Place(path), f"it is larger than {MAX_BYTES // 1024} KiB")])
    try:
        text = content if isinstance(content, str) else content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SpecErrors([syntax_error(Place(path, line), f"byte {error.start} is not UTF-8")]) from error
    builder = TreeBuilder(path)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(path, mark.line + 1, mark.column + 1) if mark else Place(path)
        raise SpecErrors([*builder.problems, _explained(place, str(error.problem or error.context))]) from error
    except YAMLError as error:
        raise SpecErrors([syntax_error(Place(path), _first_line(error))]) from error
    except (ValueError, OverflowError) as error:  # escapes and version numbers out of range leave the scanner as these
        raise SpecErrors([syntax_error(Place(path), _first_line(error))]) from error
    if builder.top is None:
        fix = "write the spec here, or bring the file back from Git"
        raise SpecErrors([*builder.problems, syntax_error(Place(path), "this file holds nothing", fix)])
    return Document(path, builder.top, builder.problems)


def _explained(place: Place, said: str) -> SpecError:
    """Return a parser's message in people's words, where those are known."""
    for beginning, problem, fix in PARSER_SAYS:
        if said.startswith(beginning):
            return syntax_error(place, problem, fix)
    return syntax_error(place, said)


def _child(node: Node, part: str | int) -> Node | None:
    if isinstance(node.value, dict) and isinstance(part, str):
        return node.value.get(part)
    if isinstance(node.value, list) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
