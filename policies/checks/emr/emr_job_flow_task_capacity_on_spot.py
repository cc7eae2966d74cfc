"""Task capacity of DAG runs is Spot unless they are time-critical."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_fleet
from policies.artefacts.documents import JobFlow
from policies.check import ArtefactCheck


class EmrJobFlowTaskCapacityOnSpot(ArtefactCheck):
    """Requirement: task nodes are Spot, unless a job of the spec is time-critical, which the job flow's tag time-
    critical=true says.
    Unknown is treated as: no verdict.
    Source: AWS EMR best practices, "Spot usage"; CSO catalogue, last paragraph.
    """

    control = "CSO_SPOT_01"
    check_id = "CSO_SPOT_01_JOB_FLOW"
    title = "Task capacity of DAG runs is Spot unless they are time-critical"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str]:
        tags = {tag.get("Key"): tag.get("Value") for tag in artefact.document.blocks("Tags")}
        critical = tags.get("time-critical")
        if critical not in ("true", "false"):
            yield f"the tag time-critical is {critical!r}, neither 'true' nor 'false'"
        for fleet in emr_fleet.job_flow_fleets(artefact.document):
            if fleet.role != "TASK":
                continue
            if critical != "true" and fleet.on_demand:
                yield f"{fleet.on_demand} task units are On-Demand though no job is time-critical"
            if critical == "true" and fleet.spot:
                yield f"{fleet.spot} task units are Spot though a job is time-critical"


check = EmrJobFlowTaskCapacityOnSpot()
