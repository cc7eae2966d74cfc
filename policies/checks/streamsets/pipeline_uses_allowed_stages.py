"""A pipeline uses allowed stages, settings and expressions only: no script, no JDBC, no HTTP, no shell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from policies.artefacts.documents import Pipeline
from policies.artefacts.known_paths import listed, unknown_paths
from policies.artefacts.pipeline_stages import Stage, refused, settings, stages
from policies.check import ArtefactCheck, Block
from policies.data import read

EMPTY = (
    "fragments",
    "libraryDefinitions",
    "pipelineRules",
    "startEventStages",
    "statsAggregatorStage",
    "stopEventStages",
    "testOriginStage",
)


class PipelineUsesAllowedStages(ArtefactCheck):
    """Requirement: stages, their libraries, settings and values are those of policies/data/streamsets_allowlist.yaml.

    A pipeline is called by its tenant and source, so that it replaces no other one.
    Compliant example: Amazon S3 origin and destination, pipeline finisher.
    Non-compliant example: Groovy, shell, JDBC and HTTP stages; `${runtime:loadResource(…)}`; a webhook.
    Unknown is treated as: no verdict.
    Source: CSO catalogue, StreamSets hosts; NYDFS 500.8."""

    control = "CSO_SDC_03"
    check_id = "CSO_SDC_03"
    title = "A pipeline uses only allowed stages, settings and expressions"
    artefact = "pipeline"

    def judge(self, artefact: Pipeline) -> Iterator[str]:
        rules, document = read("streamsets_allowlist"), artefact.document
        config = document.block("pipelineConfig")
        own = f"{artefact.context.stack}_{PurePosixPath(artefact.path).stem}".replace("-", "_")
        for key in ("pipelineId", "title"):
            if config.get(key) != own:  # it would replace, or pass for, another one
                yield f"{key} is {config.get(key)!r}, not {own!r}"
        yield from (f"nothing judges {path}" for path in unknown_paths(listed(rules["keys"]), document.values))
        yield from (f"{key} is not empty" for key in EMPTY if config.get(key) or document.get(key))
        yield from refused("the pipeline", settings(config), rules["pipeline"], rules)
        yield from self._constant_problems(Block(settings(config)).blocks("constants"), rules["constants"])
        for stage in stages(artefact):
            yield from self._problems(stage, rules)

    @staticmethod
    def _constant_problems(constants: list[Block], known: list[str]) -> Iterator[str]:
        names = [str(constant.get("key")) for constant in constants]
        yield from (f"the pipeline has the constant {name!r}" for name in names if name not in known)
        if len(set(names)) != len(names) or any(constant.get("value") for constant in constants):
            yield "a constant stands twice or has a value of its own: each run gives it"

    def _problems(self, stage: Stage, rules: Mapping[str, Any]) -> Iterator[str]:
        allowed = rules["stages"].get(stage.name, {})
        if allowed.get("library") != stage.library:
            yield f"{stage.instance} is {stage.name} of {stage.library}"
            return
        if stage.place != allowed.get("place", "stages"):
            yield f"{stage.instance} stands at {stage.place}"
        yield from refused(stage.instance, stage.settings, allowed["settings"], rules)
        yield from (
            f"{stage.instance} has the service {name}" for name in stage.services if name not in rules["services"]
        )
        for service, held in stage.services.items():
            yield from refused(f"{stage.instance}, {service}", held, rules["services"].get(service, []), rules)


check = PipelineUsesAllowedStages()
