"""A pipeline reads its source from the tenant's landing bucket and writes it to the attempt's own place in raw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from policies.artefacts.documents import Pipeline
from policies.artefacts.pipeline_stages import Stage, stages
from policies.check import ArtefactCheck

DATE, ATTEMPT = "as_of=${AS_OF}/", "attempt=${ATTEMPT}/"


class PipelineMovesLandingToRaw(ArtefactCheck):
    """Requirement: origins read the source's date in the tenant's landing, destinations write the attempt's in raw.

    The engine is one for all tenants, so that its own rights do not keep them apart: the pipeline must.
    Compliant example: bucket `meridian-prod-annuity-landing`, commonPrefix `policies/as_of=${AS_OF}/`.
    Non-compliant example: another tenant's bucket; `${BUCKET}`; a destination without the attempt, which mixes runs.
    Unknown is treated as: no verdict.
    Source: CSO catalogue, StreamSets hosts; NYDFS 500.7.
    """

    control = "CSO_SDC_02"
    check_id = "CSO_SDC_02"
    title = "A pipeline reads its tenant's landing bucket and writes its raw bucket"
    artefact = "pipeline"

    def judge(self, artefact: Pipeline) -> Iterator[str]:
        name, source = artefact.context.name, PurePosixPath(artefact.path).stem
        places = {
            "origin": (f"{name}-landing", f"{source}/{DATE}"),
            "destination": (f"{name}-raw", f"{source}/{DATE}{ATTEMPT}"),
        }
        found = [stage for stage in stages(artefact) if stage.place == "stages"]
        for kind in sorted(places.keys() - {stage.kind for stage in found}):
            yield f"has no {kind}"
        for stage in found:
            if stage.kind in places:
                yield from self._problems(stage, *places[stage.kind])

    def _problems(self, stage: Stage, bucket: str, prefix: str) -> Iterator[str]:
        named = stage.setting(".bucket") or stage.setting(".bucketTemplate")
        if named != bucket:
            yield f"{stage.instance}: the bucket is {named!r}, not {bucket!r}"
        if stage.setting(".commonPrefix") != prefix:
            yield f"{stage.instance}: the prefix is {stage.setting('.commonPrefix')!r}, not {prefix!r}"


check = PipelineMovesLandingToRaw()
