"""A DAG evaluates known templates only: Jinja can read variables, connections and Python's own insides."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.dag import Dag, texts_in
from policies.check import ArtefactCheck
from policies.data.dag_allowlist import allowed

MARKS = ("{{", "}}", "{%", "%}", "{#", "#}")


class DagEvaluatesKnownTemplates(ArtefactCheck):
    """Requirement: every `{{ … }}` is known for its argument (policies/data/dag_allowlist.yaml); no `{% … %}`.

    Compliant example: `as_of="{{ params.as_of or ds }}"`.
    Non-compliant example: `step_name="{{ conn.authority.password }}"`, `"{{ ''.__class__.__mro__ }}"`,
        `arguments=["{{ params.restate or '' }}"]`, by which whoever triggers a run writes a command line.
    Unknown is treated as: no verdict.
    Source: CSO catalogue AIR-02; Airflow, "Templates reference".
    """

    control = "CSO_AIR_02"
    check_id = "CSO_AIR_02_TEMPLATES"
    title = "A DAG's tasks evaluate known templates only"
    artefact = "dag"

    def judge(self, artefact: Dag) -> Iterator[tuple[str, int]]:
        for task in artefact.tasks.values():
            for argument, value in task.arguments.items():
                known = allowed().template(argument)
                for rest in (known.sub("", text) for text in texts_in(value)):
                    if any(mark in rest for mark in MARKS):
                        yield f"{task.task_id}.{argument} evaluates {rest[:80]!r}, no known template", task.line


check = DagEvaluatesKnownTemplates()
