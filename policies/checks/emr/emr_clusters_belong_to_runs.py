"""DAGs start clusters only for a run, and name it."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.dag import Dag
from policies.check import ArtefactCheck

RUN_KEY = "{{ dag.dag_id }}/{{ run_id }}"
MOST_HOURS = 24
OTHERS = ("EmrCreateJobFlowOperator", "EmrServerlessCreateApplicationOperator", "EmrContainerOperator")


class EmrClustersBelongToRuns(ArtefactCheck):
    """Requirement: a cluster is started by the platform's own operator, which tags it with run_key and
    expires_at; the reaper ends it by these.
    Unknown is treated as: no verdict.
    Source: dags/job_flow.py and dags/emr_reaper.py; SOC 2 CC7.5.
    """

    control = "CSO_EMR_09"
    check_id = "CSO_EMR_09_DAG"
    title = "DAGs start clusters only for a run, and name it"
    artefact = "dag"

    def judge(self, artefact: Dag) -> Iterator[tuple[str, int]]:
        for task in artefact.tasks.values():
            if task.operator in OTHERS:
                yield f"{task.task_id}: {task.operator} starts a cluster without run_key and expires_at", task.line
            if task.operator != "CreateClusterOperator":
                continue
            if task.module != "dags.emr":
                yield f"{task.task_id}: CreateClusterOperator comes from {task.module}, not from dags.emr", task.line
            if task.arguments.get("run_key") != RUN_KEY:
                yield f"{task.task_id}: run_key is {task.arguments.get('run_key')!r}, not {RUN_KEY!r}", task.line
            hours = task.arguments.get("max_hours")
            if not isinstance(hours, int | float) or not 0 < hours <= MOST_HOURS:
                yield f"{task.task_id}: max_hours is {hours!r}, not above 0 and at most {MOST_HOURS}", task.line


check = EmrClustersBelongToRuns()
