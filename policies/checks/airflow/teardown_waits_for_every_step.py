"""A teardown terminates its own cluster, after a join of every step on it, and its failure fails the run."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.dag import Dag, Task, cluster_of
from policies.check import ArtefactCheck


class TeardownWaitsForEveryStep(ArtefactCheck):
    """Requirement: what comes before a teardown is its setup and joins (EmptyOperator, all_done) of all its steps.

    Without the join, a teardown runs as soon as one branch of steps is over; without on_failure_fail_dagrun a run is
    green though its cluster still runs.
    Compliant example: `[step_a, step_b] >> join_steps >> terminate_cluster`.
    Non-compliant example: `step_b >> terminate_cluster`, step_a still running.
    Unknown is treated as: no verdict.
    Source: CSO catalogue AIR-03; Airflow, "Setup and Teardown".
    """

    control = "CSO_AIR_03"
    check_id = "CSO_AIR_03_JOIN"
    title = "A teardown waits for every step of its cluster, and fails the run when it fails"
    artefact = "dag"

    def judge(self, artefact: Dag) -> Iterator[tuple[str, int]]:
        for task in artefact.tasks.values():
            if task.is_teardown:
                yield from ((f"{task.task_id} {problem}", task.line) for problem in self._problems(artefact, task))

    def _problems(self, dag: Dag, task: Task) -> Iterator[str]:
        cluster = task.arguments.get("job_flow_id")
        if [cluster_of(setup) for setup in task.teardown_of] != [cluster]:
            yield "terminates another cluster than that of its one setup"
        if not task.on_failure_fail_dagrun:
            yield "may fail without failing the run: on_failure_fail_dagrun is not True"
        if task.arguments.get("trigger_rule") is not None:
            yield "has a trigger_rule of its own"
        before = {one for one, after in dag.edges if after == task.task_id} - {*task.teardown_of}
        joins = [one for one in before if _is_join(dag.tasks[one])]
        if not before or len(joins) != len(before):
            yield "does not follow a join: an EmptyOperator with trigger_rule all_done"
        joined = frozenset().union(*(dag.before(join) for join in joins))
        for step in dag.tasks.values():
            if step.arguments.get("cluster_id") == cluster and step.task_id not in joined:
                yield f"may terminate the cluster while {step.task_id} runs on it"


def _is_join(task: Task) -> bool:
    return task.operator == "EmptyOperator" and task.arguments.get("trigger_rule") == "all_done"


check = TeardownWaitsForEveryStep()
