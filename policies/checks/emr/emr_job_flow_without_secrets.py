"""Job flows hold no secret in clear."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import credentials, emr_software
from policies.artefacts.documents import JobFlow
from policies.check import ArtefactCheck


class EmrJobFlowWithoutSecrets(ArtefactCheck):
    """Requirement: arguments and settings hold no secret: they are stored in clear and shown to everyone who may
    describe a cluster.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.15; SOC 2 CC6.1.
    """

    control = "CSO_EMR_16"
    check_id = "CSO_EMR_16_JOB_FLOW"
    title = "Job flows hold no secret in clear"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str]:
        document = artefact.document
        for found in emr_software.classifications(document.get("Configurations"), "Configurations"):
            yield from credentials.in_settings(found.name, found.properties)
        for action in document.blocks("BootstrapActions"):
            arguments = action.strings("ScriptBootstrapAction.Args")
            yield from credentials.in_arguments(f"bootstrap action {action.get('Name')!r}", arguments)
        for step in document.blocks("Steps"):
            yield from credentials.in_arguments(f"step {step.get('Name')!r}", step.strings("HadoopJarStep.Args"))
        tags = {str(tag.get("Key")): str(tag.get("Value")) for tag in document.blocks("Tags")}
        yield from credentials.in_settings("tag", tags)


check = EmrJobFlowWithoutSecrets()
