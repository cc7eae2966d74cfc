"""Drivers on clusters of DAG runs run On-Demand."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_software
from policies.artefacts.documents import JobFlow
from policies.check import ArtefactCheck


class EmrJobFlowDriverOnDemand(ArtefactCheck):
    """Requirement: YARN puts application masters, in which drivers run, on On-Demand nodes; from EMR 7.2 by its
    node labels.
    Unknown is treated as: no verdict.
    Source: EMR Management Guide, "Node allocation strategy"; AWS EMR best practices.
    """

    control = "CSO_EMR_13"
    check_id = "CSO_EMR_13_JOB_FLOW"
    title = "Drivers on clusters of DAG runs run On-Demand"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str]:
        found = emr_software.classifications(artefact.document.get("Configurations"), "Configurations")
        yield from emr_software.driver_problems(found, artefact.document.get("ReleaseLabel"))


check = EmrJobFlowDriverOnDemand()
