"""Spot task fleets of DAG runs find capacity."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_fleet
from policies.artefacts.documents import JobFlow
from policies.check import ArtefactCheck, NotApplicable, Warn


class EmrJobFlowTaskFleetDiversified(ArtefactCheck):
    """Requirement: Spot task capacity takes the deepest pools of at least five types of two families, weighs them
    by size, falls back to On-Demand in time, and caps no price.
    Unknown is treated as: no verdict.
    Source: AWS EMR best practices, "Spot usage".
    """

    control = "CSO_EMR_11"
    check_id = "CSO_EMR_11_JOB_FLOW"
    title = "Spot task fleets of DAG runs find capacity"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str]:
        document = artefact.document
        if document.blocks("Instances.InstanceGroups") or document.get("Instances.SlaveInstanceType"):
            yield "instance groups have one type each; clusters are made of instance fleets"
            return
        fleets = [fleet for fleet in emr_fleet.job_flow_fleets(document) if fleet.spot]
        if not fleets:
            raise NotApplicable("the job flow has no Spot capacity; CSO_SPOT_01 judges whether it may")
        for fleet in fleets:
            yield from (f"{fleet.role}: {problem}" for problem in emr_fleet.spot_problems(fleet))
            if len(fleet.types) < emr_fleet.WISH_TYPES:
                yield Warn(f"{len(fleet.types)} instance types; {emr_fleet.WISH_TYPES} find capacity more surely")


check = EmrJobFlowTaskFleetDiversified()
