"""Primary and core nodes of DAG runs are On-Demand."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_fleet
from policies.artefacts.documents import JobFlow
from policies.check import ArtefactCheck


class EmrJobFlowCoreOnDemand(ArtefactCheck):
    """Requirement: primary and core nodes are On-Demand fleets, with at least two core nodes: they hold HDFS and
    the drivers.
    Unknown is treated as: no verdict.
    Source: AWS EMR best practices, "Spot usage".
    """

    control = "CSO_EMR_12"
    check_id = "CSO_EMR_12_JOB_FLOW"
    title = "Primary and core nodes of DAG runs are On-Demand"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str]:
        fleets = {fleet.role: fleet for fleet in emr_fleet.job_flow_fleets(artefact.document)}
        for role, least in (("MASTER", 1), ("CORE", 2)):
            fleet = fleets.get(role)
            if fleet is None:
                yield f"there is no {role} fleet"
                continue
            if fleet.spot:
                yield f"{fleet.spot} units of the {role} fleet are Spot"
            if fleet.least_nodes < least:
                yield f"the {role} fleet may have {fleet.least_nodes} On-Demand nodes, fewer than {least}"


check = EmrJobFlowCoreOnDemand()
