"""A pipeline holds no credentials: its engine's instance profile is all that it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policies.artefacts.credentials import in_settings
from policies.artefacts.documents import Pipeline
from policies.artefacts.pipeline_stages import settings, stages, texts
from policies.check import ArtefactCheck

MODE = "awsConfig.credentialMode"


class PipelineHoldsNoCredentials(ArtefactCheck):
    """Requirement: no setting holds a key or password; every stage that talks to AWS uses the instance profile.

    Compliant example: `"…awsConfig.credentialMode": "WITH_IAM_ROLES"`.
    Non-compliant example: `"…awsConfig.awsAccessKeyId"`, credentialMode WITH_CREDENTIALS or absent (the default).
    Unknown is treated as: no verdict.
    Source: CSO catalogue, StreamSets hosts; SOC 2 CC6.1; NYDFS 500.15.
    """

    control = "CSO_SDC_01"
    check_id = "CSO_SDC_01"
    title = "A pipeline holds no credentials and uses its engine's instance profile"
    artefact = "pipeline"

    def judge(self, artefact: Pipeline) -> Iterator[str]:
        config = artefact.document.block("pipelineConfig")
        yield from in_settings("the pipeline", dict(_named_texts(settings(config))))
        for stage in stages(artefact):
            mode = stage.setting(MODE)
            if "-aws-" in stage.library and mode != "WITH_IAM_ROLES":
                yield f"{stage.instance}: {MODE} is {mode!r}, not 'WITH_IAM_ROLES'"
            for held in (stage.settings, *stage.services.values()):
                yield from in_settings(stage.instance, dict(_named_texts(held)))


def _named_texts(held: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (name, text) of every text in settings; a pair of key and value inside one is named by its key."""
    for name, value in held.items():
        if isinstance(value, list) and all(isinstance(item, dict) and "key" in item for item in value):
            yield from ((f"{name}.{item['key']}", str(item.get("value") or "")) for item in value)
        elif not name.endswith(MODE):
            yield name, " ".join(texts(value))


check = PipelineHoldsNoCredentials()
