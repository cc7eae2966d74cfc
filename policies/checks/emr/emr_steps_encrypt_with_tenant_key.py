"""Steps write to S3 with their tenant's key."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names, spark_submit
from policies.artefacts.dag import Dag
from policies.check import ArtefactCheck

PREFIX = "spark.hadoop.fs.s3a.encryption"


class EmrStepsEncryptWithTenantKey(ArtefactCheck):
    """Requirement: each step tells the S3A connector to write with SSE-KMS and the tenant's own key; EMR 7.10 and
    later ignore EMRFS settings.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.15; EMR Release Guide, "Amazon S3 connectors".
    """

    control = "CSO_EMR_03"
    check_id = "CSO_EMR_03_STEPS"
    title = "Steps write to S3 with their tenant's key"
    artefact = "dag"

    def judge(self, artefact: Dag) -> Iterator[tuple[str, int]]:
        context = artefact.context
        emr_names.platform(context)
        key = f"arn:aws:kms:{context.region}:{emr_names.account(context)}:alias/{context.name}"
        for step in artefact.steps:
            properties = spark_submit.read(step.arguments).properties
            if properties.get(f"{PREFIX}.algorithm") != "SSE-KMS":
                yield f"{step.task_id}: {PREFIX}.algorithm is not SSE-KMS", step.line
            if properties.get(f"{PREFIX}.key") != key:
                yield f"{step.task_id}: {PREFIX}.key is {properties.get(f'{PREFIX}.key')!r}, not {key!r}", step.line


check = EmrStepsEncryptWithTenantKey()
