"""The DAG that watches a pipeline's promise does nothing else, and judges it within a day."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.dag import Dag
from policies.check import ArtefactCheck

WATCH = "KeepPromiseOperator"
LONGEST_MINUTES = 1440


class PromiseIsWatched(ArtefactCheck):
    """Requirement: `<tenant>_promise` has a schedule and one task, a KeepPromiseOperator with a deadline of a day at
    most; no other DAG has one: its failure would be taken for the pipeline's.

    Compliant example: `KeepPromiseOperator(task_id="keep_promise", pipeline="annuity_daily", deadline_minutes=150)`.
    Non-compliant example: `deadline_minutes=100000`; `schedule=None`; the same task in annuity_daily.
    Unknown is treated as: no verdict.
    Source: CSO catalogue AIR-03 (SLA); docs/decisions/0018.
    """

    control = "CSO_AIR_03"
    check_id = "CSO_AIR_03_PROMISE"
    title = "A pipeline's promise is watched by a DAG of its own"
    artefact = "dag"

    def judge(self, artefact: Dag) -> Iterator[tuple[str, int]]:
        is_promise = str(artefact.dag_arguments.get("dag_id")).endswith("_promise")
        watches = [task for task in artefact.tasks.values() if task.operator == WATCH]
        if not is_promise and not watches:
            return
        line = artefact.form.dag_line
        if not is_promise or len(watches) != 1 or len(artefact.tasks) != 1:
            yield f"{WATCH} is not the one task of a DAG <tenant>_promise", line
        if not isinstance(artefact.dag_arguments.get("schedule"), str):
            yield "schedule is absent: no time is promised, and none is judged", line
        for task in watches:
            minutes = task.arguments.get("deadline_minutes")
            if not isinstance(minutes, int) or isinstance(minutes, bool) or not 0 < minutes <= LONGEST_MINUTES:
                yield f"{task.task_id}: deadline_minutes is {minutes!r}, not 1 to {LONGEST_MINUTES}", task.line


check = PromiseIsWatched()
