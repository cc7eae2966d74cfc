"""Clusters of DAG runs run a release in standard support."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.documents import JobFlow
from policies.check import ArtefactCheck, Warn
from policies.data import emr_releases


class EmrJobFlowReleaseSupported(ArtefactCheck):
    """Requirement: the release is one whose standard support lasts beyond today; 180 days before its end the gate
    warns.
    Unknown is treated as: no verdict.
    Source: Amazon EMR Release Guide; NYDFS 500.5.
    """

    control = "CSO_EMR_10"
    check_id = "CSO_EMR_10_JOB_FLOW"
    title = "Clusters of DAG runs run a release in standard support"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str]:
        found = emr_releases.support(str(artefact.document.get("ReleaseLabel")), artefact.context.today)
        if found.problem:
            yield found.problem
        if found.warning:
            yield Warn(found.warning)


check = EmrJobFlowReleaseSupported()
