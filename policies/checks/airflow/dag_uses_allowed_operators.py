"""A DAG uses only operators that tell a service what to do, with the arguments that the CSO allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.artefacts.dag import Dag, Task
from policies.check import ArtefactCheck, matches
from policies.data.dag_allowlist import ANY, allowed, filled


class DagUsesAllowedOperators(ArtefactCheck):
    """Requirement: imports, operators and their arguments are on the allow-list (policies/data/dag_allowlist.yaml).

    Compliant example: `RunStepOperator(task_id="conform", cluster_id=CLUSTER, …)`.
    Non-compliant example: `BashOperator(…)`; `RunStepOperator(…, on_failure_callback=…)`, `aws_conn_id="other"`.
    Unknown is treated as: no verdict.
    Source: CSO catalogue AIR-02.
    """

    control = "CSO_AIR_02"
    check_id = "CSO_AIR_02_OPERATORS"
    title = "A DAG uses only allowed operators with allowed arguments"
    artefact = "dag"

    def judge(self, artefact: Dag) -> Iterator[tuple[str, int]]:
        imported = [item for item in artefact.form.imports.values() if item[0] not in allowed().imports]
        refused = [(f"imports {path}", line) for path, line in imported if path not in allowed().operators]
        yield from refused
        if not refused:
            for task in artefact.tasks.values():
                yield from ((problem, task.line) for problem in self._problems(artefact, task))

    def _problems(self, dag: Dag, task: Task) -> Iterator[str]:
        operator = allowed().operators.get(f"{task.module}.{task.operator}")
        if operator is None:
            yield f"{task.task_id} is made by {task.operator}, which is no allowed operator"
            return
        for name in sorted(task.arguments.keys() - allowed().task_arguments - operator.arguments.keys()):
            yield f"{task.task_id} has the argument {name!r}, which {task.operator} may not have"
        for name, expected in operator.arguments.items():
            if expected != ANY and not _is_as(task.arguments.get(name), expected, dag):
                yield f"{task.task_id}: {name} is not {expected}"


def _is_as(value: Any, expected: Any, dag: Dag) -> bool:
    if isinstance(expected, dict):
        is_whole = isinstance(value, dict) and value.keys() == expected.keys()
        return is_whole and all(_is_as(value[key], pattern, dag) for key, pattern in expected.items())
    folder = dag.path.rpartition("/")[0]
    return isinstance(value, str) and matches(filled(expected, dag.context, folder), value)


check = DagUsesAllowedOperators()
