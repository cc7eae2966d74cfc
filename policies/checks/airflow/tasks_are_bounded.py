"""Every task has an owner and a timeout, takes the pool of the service it calls, and is retried only without harm."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from policies.artefacts.dag import Dag, Task
from policies.check import ArtefactCheck
from policies.data.dag_allowlist import Operator, allowed


class TasksAreBounded(ArtefactCheck):
    """Requirement: an owner, an execution_timeout, the service's pool, retries only where a second try is harmless.

    A trigger_rule other than all_done on a join would let a task run though the one before it failed.
    Compliant example: `RunStepOperator(pool="emr", execution_timeout=timedelta(minutes=105), …)`.
    Non-compliant example: no pool: a hundred tenants start their clusters in one minute; `retries=2` on a step.
    Unknown is treated as: no verdict.
    Source: CSO catalogue AIR-03.
    """

    control = "CSO_AIR_03"
    check_id = "CSO_AIR_03_TASKS"
    title = "Every task has an owner, a timeout, its service's pool, and retries only where they do no harm"
    artefact = "dag"

    def judge(self, artefact: Dag) -> Iterator[tuple[str, int]]:
        owner = artefact.default_args.get("owner")
        if not isinstance(owner, str) or "@" not in owner:
            yield f"default_args names no owner's address: {owner!r}", artefact.form.dag_line
        for task in artefact.tasks.values():
            operator = allowed().operators.get(f"{task.module}.{task.operator}", Operator({}))
            yield from (
                (f"{task.task_id} {problem}", task.line) for problem in self._problems(artefact, task, operator)
            )

    def _problems(self, dag: Dag, task: Task, operator: Operator) -> Iterator[str]:
        settings = {**dag.default_args, **task.arguments}
        timeout, retries, rule = (settings.get(key) for key in ("execution_timeout", "retries", "trigger_rule"))
        if not isinstance(timeout, dt.timedelta) or timeout <= dt.timedelta():
            yield "has no execution_timeout"
        if (settings.get("pool") or "") != operator.pool:
            yield f"has the pool {settings.get('pool')!r}, not {operator.pool or None!r}"
        most = allowed().most_retries if operator.is_idempotent else 0
        if not isinstance(retries, int) or isinstance(retries, bool) or not 0 <= retries <= most:
            yield f"has retries={retries!r}, allowed are 0 to {most}"
        is_join = task.operator == "EmptyOperator" and rule == "all_done"
        if rule not in (None, "all_success") and not is_join:
            yield f"has trigger_rule={rule!r}"


check = TasksAreBounded()
