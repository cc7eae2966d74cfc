"""Clusters of DAG runs run reviewed code."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names, emr_software
from policies.artefacts.documents import JobFlow
from policies.check import ArtefactCheck


class EmrJobFlowCodeFromArtifacts(ArtefactCheck):
    """Requirement: code comes from the platform's artifact bucket, at an address that carries the SHA-256 of its
    content; nothing is fetched elsewhere.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.8; SOC 2 CC8.1.
    """

    control = "CSO_EMR_14"
    check_id = "CSO_EMR_14_JOB_FLOW"
    title = "Clusters of DAG runs run reviewed code"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str]:
        document, bucket = artefact.document, f"{emr_names.platform(artefact.context)}-artifacts"
        for action in document.blocks("BootstrapActions"):
            problem = emr_software.address_problem(str(action.get("ScriptBootstrapAction.Path")), bucket)
            if problem:
                yield f"bootstrap action {action.get('Name')!r}: {problem}"
        found = emr_software.classifications(document.get("Configurations"), "Configurations")
        yield from emr_software.code_problems(found, bucket)
        for step in document.blocks("Steps"):
            yield from emr_software.step_code_problems(step.strings("HadoopJarStep.Args"), bucket)


check = EmrJobFlowCodeFromArtifacts()
