"""Job flows bring approved steps and settings only."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_fleet, emr_software, spark_submit
from policies.artefacts.documents import JobFlow
from policies.artefacts.known_paths import listed, unknown_paths
from policies.check import ArtefactCheck
from policies.data import read


class EmrJobFlowStepsAllowed(ArtefactCheck):
    """Requirement: a step is spark-submit in cluster mode with approved options and properties; nobody runs a
    shell beside other tenants. The request says nothing that no check judges (policies/data/job_flow.yaml).
    Unknown is treated as: no verdict.
    Source: NYDFS 500.7 and 500.8.
    """

    control = "CSO_EMR_18"
    check_id = "CSO_EMR_18_JOB_FLOW"
    title = "Job flows bring approved steps and settings only"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str]:
        document = artefact.document
        for path in unknown_paths(listed(read("job_flow")["keys"]), document.values):
            yield f"no check judges {path}"
        for step in document.blocks("Steps"):
            if step.get("HadoopJarStep.Jar") != "command-runner.jar":
                yield f"step {step.get('Name')!r} runs {step.get('HadoopJarStep.Jar')!r}, not command-runner.jar"
            for problem in spark_submit.read(step.strings("HadoopJarStep.Args")).problems:
                yield f"step {step.get('Name')!r}: {problem}"
        found = emr_software.classifications(document.get("Configurations"), "Configurations")
        yield from emr_software.setting_problems(found)
        for fleet in document.blocks("Instances.InstanceFleets"):
            yield from emr_fleet.type_problems(fleet, "InstanceTypeConfigs")
        for application in document.blocks("Applications"):
            if application.get("Name") not in emr_software.APPLICATIONS:
                yield f"the application {application.get('Name')!r} is not approved"


check = EmrJobFlowStepsAllowed()
