"""Clusters of DAG runs use the security configuration of their tenant."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names
from policies.artefacts.documents import JobFlow
from policies.check import ArtefactCheck


class EmrJobFlowSecurityConfigurationApproved(ArtefactCheck):
    """Requirement: a cluster of one run names the security configuration of its own tenant, which CSO_EMR_03, 04, 06
    and 07 judge: so its disks are under that tenant's key.
    Unknown is treated as: no verdict.
    Source: FSBP EMR.3 and EMR.4.
    """

    control = "CSO_EMR_05"
    check_id = "CSO_EMR_05_JOB_FLOW"
    title = "Clusters of DAG runs use the security configuration of their tenant"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str]:
        approved = emr_names.security_configuration(artefact.context)
        used = artefact.document.get("SecurityConfiguration")
        if used != approved:
            yield f"SecurityConfiguration is {used!r}, not {approved!r}"


check = EmrJobFlowSecurityConfigurationApproved()
