"""A DAG is declared with allowed arguments, one run at a time, with a deadline and parameters of a fixed form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from policies.artefacts.dag import Dag
from policies.artefacts.python_values import Param
from policies.check import ArtefactCheck
from policies.data.dag_allowlist import allowed


class DagRunsAsRendered(ArtefactCheck):
    """Requirement: `DAG(…)` has allowed arguments only: one run at a time, no catch-up, a deadline, known parameters.

    The limit (dagrun_timeout) ends what hangs; that a run is late, `<tenant>_promise` tells (CSO_AIR_03_PROMISE).
    Compliant example: `DAG(max_active_runs=1, catchup=False, dagrun_timeout=timedelta(hours=2), …)`.
    Non-compliant example: `user_defined_macros={…}`; `catchup=True`; a parameter without a pattern.
    Unknown is treated as: no verdict.
    Source: CSO catalogue AIR-03.
    """

    control = "CSO_AIR_03"
    check_id = "CSO_AIR_03_RUNS"
    title = "A DAG runs once at a time, with a deadline, and takes parameters of a fixed form"
    artefact = "dag"

    def judge(self, artefact: Dag) -> Iterator[tuple[str, int]]:
        yield from ((problem, artefact.form.dag_line) for problem in self._problems(artefact))

    def _problems(self, dag: Dag) -> Iterator[str]:
        given, rules = dag.dag_arguments, allowed()
        for name in sorted(given.keys() - rules.dag_arguments):
            yield f"DAG has the argument {name!r}"
        for name in sorted(dag.default_args.keys() - rules.default_args):
            yield f"default_args has {name!r}"
        if given.get("max_active_runs") != 1 or given.get("catchup") is not False:
            yield "max_active_runs is not 1, or catchup is not False"
        limit = given.get("dagrun_timeout")
        if not isinstance(limit, dt.timedelta) or limit <= dt.timedelta():
            yield "dagrun_timeout is absent: a run that hangs is never ended"
        if str(given.get("doc_md", "")).endswith(".md"):
            yield "doc_md ends in .md: Airflow would open the file of that name"
        params = given.get("params", {})
        for name, param in params.items() if isinstance(params, dict) else [("params", None)]:
            form = rules.params.get(name)
            if form is None or not isinstance(param, Param) or param.default is not None:
                yield f"the parameter {name!r} is not an allowed Param that is empty by default"
            elif any(param.schema.get(key) != value for key, value in form.items()):
                yield f"the parameter {name!r} takes values of another form than {dict(form)}"


check = DagRunsAsRendered()
