"""Steps get no secret in clear."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import credentials
from policies.artefacts.dag import Dag
from policies.check import ArtefactCheck


class EmrStepsWithoutSecrets(ArtefactCheck):
    """Requirement: arguments and settings hold no secret: they are stored in clear and shown to everyone who may
    describe a cluster.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.15; SOC 2 CC6.1.
    """

    control = "CSO_EMR_16"
    check_id = "CSO_EMR_16_STEPS"
    title = "Steps get no secret in clear"
    artefact = "dag"

    def judge(self, artefact: Dag) -> Iterator[tuple[str, int]]:
        for step in artefact.steps:
            for problem in credentials.in_arguments(step.task_id, step.arguments):
                yield problem, step.line


check = EmrStepsWithoutSecrets()
