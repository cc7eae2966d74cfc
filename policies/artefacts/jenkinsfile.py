"""A Jenkinsfile as data: a declarative pipeline's blocks and steps. Nothing is evaluated."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from policies.artefacts.base import Artefact
from policies.artefacts.groovy_form import Node, Text, called, read
from policies.errors import Undecided


@dataclass(frozen=True)
class Command:
    """One `sh` step.

    Attributes:
        text: what the shell runs; None when that is no literal.
        around: the blocks that it stands in, the outermost first.
    """

    text: Text | None
    around: tuple[Node, ...]
    line: int

    @property
    def words(self) -> list[str]:
        """The command's words; none when it is no literal."""
        return self.text.value.split() if self.text else []

    def is_on_branch(self, branch: str) -> bool:
        """Tell whether a stage around it runs only for `branch`."""
        conditions = [node for when in self._said("when") for node in _demanded(when)]
        return any(_says(node, "branch", branch) for node in conditions)

    @property
    def is_locked(self) -> bool:
        """Whether a `lock` stands around it, as a step or among the options of a stage, whose name no build changes."""
        options = [node for said in self._said("options") for node in said.children]
        locks = [node for node in (*self.around, *options) if node.name == "lock"]
        return any(text.value and not text.evaluates for lock in locks for text in lock.texts())

    def is_approved(self, everybody: Collection[str]) -> bool:
        """Tell whether a stage around it waits for somebody who is named and is not among `everybody`."""
        said = [node for asked in self._said("input") for node in asked.children if _says(node, "submitter")]
        names = [name.strip() for node in said for text in node.texts() for name in text.value.split(",")]
        return bool(names) and not any(name in everybody for name in names)

    def _said(self, name: str) -> list[Node]:
        """Return the directives of that name of the stages around it."""
        stages = [node for node in self.around if node.name == "stage"]
        return [node for stage in stages for node in stage.children if node.name == name]


@dataclass(frozen=True)
class Jenkinsfile(Artefact):
    """Jenkinsfile and ci/**.Jenkinsfile."""

    kind: ClassVar[str] = "jenkinsfile"

    @cached_property
    def problems(self) -> list[tuple[str, int]]:
        """`(what is not of a declarative pipeline's form, line)`.

        Raises:
            Undecided: a text or comment has no end.
        """
        return self._read[1]

    @cached_property
    def statements(self) -> tuple[Node, ...]:
        """What stands in the file, outermost first.

        Raises:
            Undecided: the file has another form, so that nobody can say what it does.
        """
        if self.problems:
            problem, line = self.problems[0]
            raise Undecided(f"{self.path}:{line} has another form than a declarative pipeline: {problem}")
        return self._read[0]

    @cached_property
    def commands(self) -> list[Command]:
        """Every `sh` step, in the file's order."""
        return [command for node in self.statements for command in _commands(node, ())]

    @cached_property
    def _read(self) -> tuple[tuple[Node, ...], list[tuple[str, int]]]:
        return read(self.text, self.path)


def _commands(node: Node, around: tuple[Node, ...]) -> Iterator[Command]:
    if node.name == "sh":
        given = node.named.get("script", node.values[0] if len(node.values) == 1 else None)
        yield Command(given if isinstance(given, Text) else None, around, node.line)
    for inner in (*called((node.values, node.named)), *node.children):
        yield from _commands(inner, (*around, node))


def _demanded(when: Node) -> Iterator[Node]:
    """Yield the conditions that must all hold."""
    for node in when.children:
        yield from _demanded(node) if node.name == "allOf" else [node]


def _says(node: Node, name: str, value: str | None = None) -> bool:
    """Tell whether a node is `name 'value'`; any text that is not empty will do where `value` is None."""
    said = node.values[0] if len(node.values) == 1 else node.named.get("pattern")
    if node.name != name or not isinstance(said, Text) or said.evaluates:
        return False
    return said.value == value if value is not None else bool(said.value)
