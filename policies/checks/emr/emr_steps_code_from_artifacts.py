"""Steps run their tenant's reviewed code."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names, emr_software, spark_submit
from policies.artefacts.dag import Dag
from policies.check import ArtefactCheck


class EmrStepsCodeFromArtifacts(ArtefactCheck):
    """Requirement: a step's script and libraries lie in the artifact bucket, below jobs/<tenant>/<digest>/;
    nothing is fetched elsewhere.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.8; SOC 2 CC8.1.
    """

    control = "CSO_EMR_14"
    check_id = "CSO_EMR_14_STEPS"
    title = "Steps run their tenant's reviewed code"
    artefact = "dag"

    def judge(self, artefact: Dag) -> Iterator[tuple[str, int]]:
        bucket = f"{emr_names.platform(artefact.context)}-artifacts"
        own = f"s3://{bucket}/jobs/{artefact.context.stack}/"
        for step in artefact.steps:
            for problem in emr_software.step_code_problems(step.arguments, bucket):
                yield f"{step.task_id}: {problem}", step.line
            for address in spark_submit.read(step.arguments).code:
                if not address.startswith(own):
                    yield f"{step.task_id}: {address!r} is not below {own}", step.line


check = EmrStepsCodeFromArtifacts()
