"""Clusters of DAG runs have no SSH key."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names
from policies.artefacts.documents import JobFlow
from policies.check import ArtefactCheck

GROUPS = {
    "EmrManagedMasterSecurityGroup": "emr_primary_security_group",
    "EmrManagedSlaveSecurityGroup": "emr_worker_security_group",
    "ServiceAccessSecurityGroup": "emr_service_security_group",
}


class EmrJobFlowWithoutSshKey(ArtefactCheck):
    """Requirement: no key pair opens a node, and nodes are in the platform's security groups only.
    Unknown is treated as: no verdict.
    Source: CIS AWS 6.3; FSBP EC2.13.
    """

    control = "CSO_EMR_15"
    check_id = "CSO_EMR_15_JOB_FLOW"
    title = "Clusters of DAG runs have no SSH key"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str]:
        instances = artefact.document.block("Instances")
        if instances.get("Ec2KeyName"):
            yield f"Instances.Ec2KeyName is {instances.get('Ec2KeyName')!r}"
        for key in ("AdditionalMasterSecurityGroups", "AdditionalSlaveSecurityGroups"):
            if instances.get(key):
                yield f"Instances.{key} adds groups beside the platform's"
        for key, name in GROUPS.items():
            wanted = emr_names.parameter(artefact.context, name)
            if instances.get(key) != wanted:
                yield f"Instances.{key} is {instances.get(key)!r}, not {wanted!r}"


check = EmrJobFlowWithoutSshKey()
