"""Managed scaling of DAG runs adds task nodes only."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_fleet
from policies.artefacts.documents import JobFlow
from policies.check import ArtefactCheck


class EmrJobFlowScalingBounded(ArtefactCheck):
    """Requirement: managed scaling adds task nodes only: the core fleet keeps its target, and On-Demand capacity
    stays at what is planned On-Demand.
    Unknown is treated as: no verdict.
    Source: AWS EMR best practices, "Managed scaling".
    """

    control = "CSO_EMR_12"
    check_id = "CSO_EMR_12_JOB_FLOW_SCALING"
    title = "Managed scaling of DAG runs adds task nodes only"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str]:
        fleets = {fleet.role: fleet for fleet in emr_fleet.job_flow_fleets(artefact.document)}
        core = fleets.get("CORE") or emr_fleet.Fleet("CORE", 0, 0, ())
        planned = core.on_demand + (fleets["TASK"].on_demand if "TASK" in fleets else 0)
        limits = emr_fleet.job_flow_limits(artefact.document)
        yield from emr_fleet.scaling_problems(limits, core, planned)


check = EmrJobFlowScalingBounded()
