"""Clusters of DAG runs end by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_fleet
from policies.artefacts.documents import JobFlow
from policies.check import ArtefactCheck


class EmrJobFlowTerminatesItself(ArtefactCheck):
    """Requirement: an idle cluster ends within an hour, nothing protects it from being ended, and no rendered tag
    stands in for the run's.
    Unknown is treated as: no verdict.
    Source: EMR Management Guide, "Using an auto-termination policy"; SOC 2 CC7.5.
    """

    control = "CSO_EMR_09"
    check_id = "CSO_EMR_09_JOB_FLOW"
    title = "Clusters of DAG runs end by themselves"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str]:
        document = artefact.document
        idle = emr_fleet.number(document, "AutoTerminationPolicy.IdleTimeout")
        if not 60 <= idle <= 3600:
            yield f"AutoTerminationPolicy.IdleTimeout is {idle or None} seconds, not 60 to 3600"
        if document.get("Instances.TerminationProtected") is not False:
            yield "Instances.TerminationProtected is not false: the run could not end its cluster"
        for tag in document.blocks("Tags"):
            if tag.get("Key") in ("expires_at", "run_key", "managed-by"):
                yield f"the tag {tag.get('Key')!r} is rendered; it belongs to the run, which sets it"


check = EmrJobFlowTerminatesItself()
