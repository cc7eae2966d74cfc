"""Nothing is used before it is proved: sources, ingestion, verification, Spark, publication, warehouse."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.dag import Dag, Task
from policies.check import ArtefactCheck
from policies.data.dag_allowlist import allowed


class NothingIsUsedBeforeItIsProved(ArtefactCheck):
    """Requirement: each task follows all tasks of the operators that it builds on (policies/data/dag_allowlist.yaml),
    and every ingestion is verified.

    Compliant example: `[ingest_a, ingest_b] >> verify_ingest >> create_cluster >> step >> publish >> load_warehouse`.
    Non-compliant example: a step, or publish, that nothing keeps from running before verify_ingest.
    Unknown is treated as: no verdict.
    Source: CSO catalogue AIR-03; SOC 2 PI1.2 to PI1.5.
    """

    control = "CSO_AIR_03"
    check_id = "CSO_AIR_03_ORDER"
    title = "A run uses nothing before it is proved"
    artefact = "dag"

    def judge(self, artefact: Dag) -> Iterator[tuple[str, int]]:
        by_operator: dict[str, set[str]] = {}
        for task in artefact.tasks.values():
            by_operator.setdefault(task.operator, set()).add(task.task_id)
        if by_operator.keys() == {"KeepPromiseOperator"}:
            return  # it watches a promise, and uses nothing
        if "PublishOperator" not in by_operator:
            yield "publishes nothing", artefact.form.dag_line
        for task in artefact.tasks.values():
            yield from ((f"{task.task_id} {text}", task.line) for text in self._problems(artefact, task, by_operator))

    def _problems(self, dag: Dag, task: Task, by_operator: dict[str, set[str]]) -> Iterator[str]:
        before = dag.before(task.task_id)
        for operator in allowed().order.get(task.operator, []):
            wanted = by_operator.get(operator, set())
            if not wanted:
                yield f"has no {operator} before it"
            yield from (f"may run before {one}" for one in sorted(wanted - before))
        if task.operator == "VerifyIngestOperator":
            named, manifests = (task.arguments.get(name) for name in ("ingest_tasks", "source_manifests"))
            verified = named if isinstance(named, dict) else {}
            ingesting = sorted(by_operator.get("StreamSetsOperator", set()))
            yield from (f"does not verify {one}" for one in ingesting if one not in verified.values())
            if not isinstance(manifests, dict) or manifests.keys() != verified.keys():
                yield "verifies other sources than those whose manifests it has"


check = NothingIsUsedBeforeItIsProved()
