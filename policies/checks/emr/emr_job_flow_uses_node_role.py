"""Clusters of DAG runs use the platform's roles."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names
from policies.artefacts.documents import JobFlow
from policies.check import ArtefactCheck


class EmrJobFlowUsesNodeRole(ArtefactCheck):
    """Requirement: a job flow names the platform's instance profile, whose role CSO_EMR_17 judges, and the
    platform's service role.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.7.
    """

    control = "CSO_EMR_17"
    check_id = "CSO_EMR_17_JOB_FLOW"
    title = "Clusters of DAG runs use the platform's roles"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str]:
        for key, kind in (("JobFlowRole", "emr-node"), ("ServiceRole", "emr-service")):
            wanted = f"{emr_names.platform(artefact.context)}-{kind}"
            used = artefact.document.get(key)
            if used != wanted:
                yield f"{key} is {used!r}, not {wanted!r}"


check = EmrJobFlowUsesNodeRole()
