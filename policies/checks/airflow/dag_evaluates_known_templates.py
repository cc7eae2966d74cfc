"""A DAG evaluates known templates only: Jinja can read variables, connections and Python's own insides."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.artefacts.dag import Dag
from policies.check import ArtefactCheck
from policies.data.dag_allowlist import allowed


class DagEvaluatesKnownTemplates(ArtefactCheck):
    """Requirement: every `{{ … }}` in a task is one of those in policies/data/dag_allowlist.yaml; no `{% … %}`.

    Compliant example: `as_of="{{ params.as_of or ds }}"`.
    Non-compliant example: `step_name="{{ conn.authority.password }}"`, `"{{ ''.__class__.__mro__ }}"`.
    Unknown is treated as: no verdict.
    Source: CSO catalogue AIR-02; Airflow, "Templates reference".
    """

    control = "CSO_AIR_02"
    check_id = "CSO_AIR_02_TEMPLATES"
    title = "A DAG's tasks evaluate known templates only"
    artefact = "dag"

    def judge(self, artefact: Dag) -> Iterator[tuple[str, int]]:
        known = re.compile(r"\{\{ (?:" + "|".join(allowed().templates) + r") \}\}")
        for task in artefact.tasks.values():
            for text in task.texts:
                rest = known.sub("", text)
                if any(mark in rest for mark in ("{{", "}}", "{%", "%}", "{#", "#}")):
                    yield f"{task.task_id} evaluates another template than the known ones: {rest[:80]!r}", task.line


check = DagEvaluatesKnownTemplates()
