"""A DAG names buckets, keys and roles of its own tenant only, and itself as its tenant's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.artefacts.dag import Dag
from policies.check import ArtefactCheck, matches
from policies.data.dag_allowlist import allowed, filled

DAG_IDS = ("{schema}_daily", "{schema}_promise")
ADDRESS = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|arn:)[^\s\"'<>]*")


class DagNamesItsOwnAddresses(ArtefactCheck):
    """Requirement: every URI and ARN in a task is the tenant's own; dag_id and file name are the tenant's.

    A second DAG with another tenant's dag_id would take that DAG's place in Airflow.
    Compliant example: `s3://meridian-prod-annuity-raw/…` in annuity's DAG.
    Non-compliant example: `s3://meridian-prod-claims-raw/…`, `jdbc:postgresql://…`, `https://…` in annuity's DAG.
    Unknown is treated as: no verdict.
    Source: CSO catalogue AIR-02; NYDFS 500.7.
    """

    control = "CSO_AIR_02"
    check_id = "CSO_AIR_02_ADDRESSES"
    title = "A DAG names addresses of its own tenant only"
    artefact = "dag"

    def judge(self, artefact: Dag) -> Iterator[tuple[str, int]]:
        context = artefact.context
        dag_ids, dag_id = [filled(pattern, context) for pattern in DAG_IDS], artefact.dag_arguments.get("dag_id")
        if dag_id not in dag_ids:
            yield f"dag_id is not {' or '.join(map(repr, dag_ids))}", artefact.form.dag_line
        path = f"environments/{context.environment}/rendered/{context.stack}/dag/{dag_id}.py"
        if artefact.path != path:
            yield f"the file is not {path}", 1
        own = [filled(pattern, context) for pattern in allowed().addresses]
        for task in artefact.tasks.values():
            for address in ADDRESS.findall("\n".join(task.texts)):
                if not any(matches(pattern, address) for pattern in own):
                    yield f"{task.task_id} names {address!r}, which is not {context.stack}'s", task.line


check = DagNamesItsOwnAddresses()
