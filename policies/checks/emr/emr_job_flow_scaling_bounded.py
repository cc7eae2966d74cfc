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
        fleets = emr_fleet.job_flow_fleets(artefact.document)
        core = sum(fleet.on_demand for fleet in fleets if fleet.role == "CORE")
        planned = core + sum(fleet.on_demand for fleet in fleets if fleet.role == "TASK")
        limits = emr_fleet.job_flow_limits(artefact.document)
        yield from emr_fleet.scaling_problems(limits, core, planned)


check = EmrJobFlowScalingBounded()
