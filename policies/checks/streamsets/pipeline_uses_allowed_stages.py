"""A pipeline uses allowed stages, settings and expressions only: no script, no JDBC, no HTTP, no shell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policies.artefacts.documents import Pipeline
from policies.artefacts.pipeline_stages import Stage, refused, settings, stages
from policies.check import ArtefactCheck, Block
from policies.data import read

EMPTY = ("fragments", "startEventStages", "stopEventStages", "testOriginStage", "statsAggregatorStage", "pipelineRules")


class PipelineUsesAllowedStages(ArtefactCheck):
    """Requirement: stages, their libraries and settings are those of policies/data/streamsets_allowlist.yaml.

    Compliant example: Amazon S3 origin and destination, pipeline finisher.
    Non-compliant example: Groovy, shell, JDBC and HTTP stages; `${runtime:loadResource(…)}`; a webhook.
    Unknown is treated as: no verdict.
    Source: CSO catalogue, StreamSets hosts; NYDFS 500.8."""

    control = "CSO_SDC_03"
    check_id = "CSO_SDC_03"
    title = "A pipeline uses only allowed stages, settings and expressions"
    artefact = "pipeline"

    def judge(self, artefact: Pipeline) -> Iterator[str]:
        rules, config = read("streamsets_allowlist"), artefact.document.block("pipelineConfig")
        prefix = artefact.context.stack.replace("-", "_") + "_"
        if not str(config.get("pipelineId")).startswith(prefix):  # it would replace another tenant's
            yield f"pipelineId is {config.get('pipelineId')!r}, not {prefix}…"
        yield from (f"{key} is not empty" for key in EMPTY if config.get(key) or artefact.document.get(key))
        yield from refused("the pipeline", settings(config), rules["pipeline"], rules["expressions"])
        constants = [constant.get("key") for constant in Block(settings(config)).blocks("constants")]
        yield from (f"the pipeline has the constant {name!r}" for name in constants if name not in rules["constants"])
        for stage in stages(artefact):
            yield from self._problems(stage, rules)

    def _problems(self, stage: Stage, rules: Mapping[str, Any]) -> Iterator[str]:
        allowed, known = rules["stages"].get(stage.name, {}), rules["expressions"]
        if allowed.get("library") != stage.library:
            yield f"{stage.instance} is {stage.name} of {stage.library}"
            return
        yield from refused(stage.instance, stage.settings, allowed["settings"], known)
        yield from (
            f"{stage.instance} has the service {name}" for name in stage.services if name not in rules["services"]
        )
        for service, held in stage.services.items():
            yield from refused(f"{stage.instance}, {service}", held, rules["services"].get(service, []), known)


check = PipelineUsesAllowedStages()
