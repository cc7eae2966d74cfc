"""A cluster that a run starts has a teardown of its own, and steps run on the cluster of a task before them."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.dag import Dag, Task, cluster_of
from policies.check import ArtefactCheck

CREATE, FIND, STEP = "CreateClusterOperator", "FindClusterOperator", "RunStepOperator"
TERMINATE = "EmrTerminateJobFlowOperator"


class ClusterHasItsTeardown(ArtefactCheck):
    """Requirement: each created cluster is terminated by a teardown; nothing else is one: its failure is overlooked.

    Compliant example: `EmrTerminateJobFlowOperator(…).as_teardown(setups=create_cluster, on_failure_fail_dagrun=True)`.
    Non-compliant example: the same without as_teardown: a failed step leaves the cluster running.
    Unknown is treated as: no verdict.
    Source: CSO catalogue AIR-03; Airflow, "Setup and Teardown".
    """

    control = "CSO_AIR_03"
    check_id = "CSO_AIR_03"
    title = "A cluster that a run starts is torn down however the run ends"
    artefact = "dag"

    def judge(self, artefact: Dag) -> Iterator[tuple[str, int]]:
        for task in artefact.tasks.values():
            yield from ((f"{task.task_id} {problem}", task.line) for problem in self._problems(artefact, task))

    def _problems(self, dag: Dag, task: Task) -> Iterator[str]:
        if task.task_id in dag.after(task.task_id):
            yield "comes after itself"
        if task.is_teardown != (task.operator == TERMINATE):
            yield "is a teardown that terminates no cluster, or terminates one and is no teardown"
        if task.operator == CREATE:
            ends = [other for other in dag.tasks.values() if task.task_id in other.teardown_of]
            if not any(other.operator == TERMINATE for other in ends):
                yield "starts a cluster that no teardown terminates"
        if task.operator == STEP:
            before = [dag.tasks[one] for one in dag.before(task.task_id)]
            starters = [one.task_id for one in before if one.operator in (CREATE, FIND)]
            own = [one for one in starters if cluster_of(one) == task.arguments.get("cluster_id")]
            if not own or task.arguments.get("upstream_cluster_task") not in own:
                yield "runs on the cluster of no task before it, or names another task to clear"


check = ClusterHasItsTeardown()
