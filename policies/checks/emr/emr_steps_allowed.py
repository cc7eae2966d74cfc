"""Steps of DAGs are approved spark-submit commands."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import spark_submit
from policies.artefacts.dag import Dag
from policies.check import ArtefactCheck

OTHERS = ("EmrAddStepsOperator", "EmrServerlessStartJobOperator", "EmrContainerOperator")


class EmrStepsAllowed(ArtefactCheck):
    """Requirement: a step is spark-submit in cluster mode with approved options and properties; nobody runs a
    shell beside other tenants.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.7 and 500.8.
    """

    control = "CSO_EMR_18"
    check_id = "CSO_EMR_18_STEPS"
    title = "Steps of DAGs are approved spark-submit commands"
    artefact = "dag"

    def judge(self, artefact: Dag) -> Iterator[tuple[str, int]]:
        for step in artefact.steps:
            for problem in spark_submit.read(step.arguments).problems:
                yield f"{step.task_id}: {problem}", step.line
        for task in artefact.tasks.values():
            if task.operator in OTHERS:
                yield f"{task.task_id}: {task.operator} sends EMR what this control cannot judge", task.line


check = EmrStepsAllowed()
