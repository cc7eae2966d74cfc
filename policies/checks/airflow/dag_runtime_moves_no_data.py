"""The operators behind rendered DAGs tell services what to do: no data, no rows and no program pass through Airflow."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.code import DagRuntime
from policies.artefacts.code_reach import imports, names, texts
from policies.check import ArtefactCheck
from policies.data.code_allowlist import profile


class DagRuntimeMovesNoData(ArtefactCheck):
    """Requirement: dags/*.py import and use only what policies/data/code_allowlist.yaml names for them.

    Postgres is asked in dags/authority.py only, HTTP in dags/streamsets_hook.py only, an object's content is read in
    dags/documents.py only.
    Compliant example: `hook.conn.head_object(Bucket=bucket, Key=key)`.
    Non-compliant example: `hook.load_file(…)`, `client.copy_object(…)`, `import subprocess`, `hook.get_records(…)`.
    Unknown is treated as: failed; what is no Python has no verdict.
    Source: CSO catalogue AIR-02.
    """

    control = "CSO_AIR_02"
    check_id = "CSO_AIR_02_RUNTIME"
    title = "The DAGs' operators move no data through Airflow"
    artefact = "dag_runtime"

    def judge(self, artefact: DagRuntime) -> Iterator[tuple[str, int]]:
        allowed = profile("dag_runtime", artefact.path)
        yield from imports(artefact, allowed, "dags")
        yield from names(artefact, allowed, may_compute_own=True)
        yield from texts(artefact, allowed)


check = DagRuntimeMovesNoData()
