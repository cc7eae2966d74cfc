"""Clusters of DAG runs stand in private subnets."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names
from policies.artefacts.documents import JobFlow
from policies.check import ArtefactCheck


class EmrJobFlowInPrivateSubnets(ArtefactCheck):
    """Requirement: a job flow names the platform's private subnets and nothing else, so that no node has a public
    address.
    Unknown is treated as: no verdict.
    Source: FSBP EMR.1.
    """

    control = "CSO_EMR_01"
    check_id = "CSO_EMR_01_JOB_FLOW"
    title = "Clusters of DAG runs stand in private subnets"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str]:
        instances = artefact.document.block("Instances")
        private = emr_names.parameter(artefact.context, "private_subnet_ids")
        subnets = instances.strings("Ec2SubnetIds")
        if subnets != [private]:
            yield f"Instances.Ec2SubnetIds is {subnets!r}, not the platform's private subnets [{private!r}]"
        for key in ("Ec2SubnetId", "Placement"):
            if instances.get(key):
                yield f"Instances.{key} chooses a place beside the private subnets"


check = EmrJobFlowInPrivateSubnets()
