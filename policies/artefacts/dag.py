"""A rendered DAG as data: its tasks, their arguments and their order. It is parsed and never imported."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from policies.artefacts.base import Artefact
from policies.artefacts.dag_form import Form, Task, read_form, texts_in
from policies.artefacts.python_source import parse
from policies.errors import Undecided

__all__ = ["Dag", "Step", "Task", "cluster_of", "texts_in"]

STEP_OPERATOR = "RunStepOperator"


def cluster_of(task_id: str) -> str:
    """Return the expression for the cluster id that a task pushed, as rendered DAGs write it."""
    return "{{ ti.xcom_pull(task_ids='" + task_id + "') }}"


@dataclass(frozen=True)
class Step:
    """What a RunStepOperator gives EMR.

    Attributes:
        arguments: of command-runner.jar; `{{ … }}` stands where the run's own values will.
    """

    task_id: str
    arguments: list[str]
    execution_role_arn: str
    line: int


@dataclass(frozen=True)
class Dag(Artefact):
    """One rendered DAG file. `form` is always there when it parses; the rest raises Undecided when the form is broken.

    Where a DAG does what its form does not have, nobody can say what its tasks are: CSO_AIR_02 fails it, and controls
    that ask for tasks have no verdict.
    """

    kind: ClassVar[str] = "dag"

    @cached_property
    def tree(self) -> ast.Module:
        return parse(self.text, self.path)

    @cached_property
    def form(self) -> Form:
        """What stands in the file, with the problems of its form.

        Raises:
            Undecided: it is no Python.
        """
        try:
            return read_form(self.tree, self.path)
        except RecursionError:
            raise Undecided(f"{self.path} is nested too deeply to be read") from None

    @cached_property
    def tasks(self) -> dict[str, Task]:
        """`{task id: task}` in the file's order."""
        return {task.task_id: task for task in self._sound.tasks}

    @cached_property
    def edges(self) -> frozenset[tuple[str, str]]:
        """`(task id before, task id after)`, also from a setup to its teardown."""
        ids = {task.variable: task.task_id for task in self._sound.tasks}
        return frozenset((ids[before], ids[after]) for before, after in self._sound.edges)

    @property
    def dag_arguments(self) -> Mapping[str, Any]:
        """`{name: value}` of `DAG(…)`."""
        return self._sound.dag_arguments

    @property
    def default_args(self) -> Mapping[str, Any]:
        """What every task has that does not say otherwise; empty when there is none."""
        given = self.dag_arguments.get("default_args")
        if given is not None and not isinstance(given, dict):
            raise Undecided(f"{self.path}: default_args is no dictionary")
        return given or {}

    @cached_property
    def steps(self) -> list[Step]:
        """What is sent to EMR, in the file's order.

        Raises:
            Undecided: a step's arguments are no list of text, or its role no text.
        """
        return [self._step(task) for task in self.tasks.values() if task.operator == STEP_OPERATOR]

    def after(self, task_id: str) -> frozenset[str]:
        """Return every task that comes somewhere after a task, itself left out unless there is a circle."""
        return self._closure(task_id, {(before, after) for before, after in self.edges})

    def before(self, task_id: str) -> frozenset[str]:
        """Return every task that comes somewhere before a task."""
        return self._closure(task_id, {(after, before) for before, after in self.edges})

    @property
    def _sound(self) -> Form:
        if self.form.problems:
            problem, line = self.form.problems[0]
            raise Undecided(f"{self.path}:{line} does what a DAG's form does not have: {problem}")
        return self.form

    def _step(self, task: Task) -> Step:
        arguments, role = task.arguments.get("arguments"), task.arguments.get("execution_role_arn", "")
        if not isinstance(arguments, list) or not all(isinstance(item, str) for item in arguments):
            raise Undecided(f"{self.path}:{task.line}: the arguments of {task.task_id} are no list of text")
        if not isinstance(role, str):
            raise Undecided(f"{self.path}:{task.line}: the role of {task.task_id} is no text")
        return Step(task.task_id, arguments, role, task.line)

    @staticmethod
    def _closure(start: str, edges: set[tuple[str, str]]) -> frozenset[str]:
        next_of: dict[str, list[str]] = {}
        for one, other in edges:
            next_of.setdefault(one, []).append(other)
        found: set[str] = set()
        waiting = list(next_of.get(start, []))
        while waiting:
            task_id = waiting.pop()
            if task_id not in found:
                found.add(task_id)
                waiting += next_of.get(task_id, [])
        return frozenset(found)
