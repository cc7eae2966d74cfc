"""A DAG has the rendered form: it can be read as data, and no Python of its own runs in Airflow."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.dag import Dag
from policies.check import ArtefactCheck


class DagHasTheRenderedForm(ArtefactCheck):
    """Requirement: a DAG's file holds imports, constants, one `with DAG(…)`, tasks made by operators and their order.

    Everything else is refused without being known: functions, classes, lambdas, decorators, comprehensions, loops,
    conditions, attribute access, renamed imports, computed task ids.
    Compliant example: `publish = PublishOperator(task_id="publish", attempt=ATTEMPT)`.
    Non-compliant example: `publish = getattr(module, "PythonOperator")(task_id="publish", python_callable=copy)`.
    Unknown is treated as: failed; what is no Python has no verdict.
    Source: CSO catalogue AIR-02.
    """

    control = "CSO_AIR_02"
    check_id = "CSO_AIR_02"
    title = "A DAG holds nothing but imports, constants, tasks and their order"
    artefact = "dag"

    def judge(self, artefact: Dag) -> Iterator[tuple[str, int]]:
        yield from artefact.form.problems


check = DagHasTheRenderedForm()
