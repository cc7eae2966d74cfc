"""Clusters of DAG runs log to their tenant's place, encrypted."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names
from policies.artefacts.documents import JobFlow
from policies.check import ArtefactCheck


class EmrJobFlowLogsEncrypted(ArtefactCheck):
    """Requirement: logs go below emr/<tenant>/ in the platform's log bucket and are encrypted with the platform's
    key.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.6; SOC 2 CC7.2.
    """

    control = "CSO_EMR_08"
    check_id = "CSO_EMR_08_JOB_FLOW"
    title = "Clusters of DAG runs log to their tenant's place, encrypted"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str]:
        context = artefact.context
        own = f"s3://{emr_names.platform(context)}-logs/emr/{context.stack}/"
        logs = artefact.document.get("LogUri")
        if not str(logs).startswith(own) or ".." in str(logs):
            yield f"LogUri is {logs!r}, not below {own}"
        key = artefact.document.get("LogEncryptionKmsKeyId")
        if key != emr_names.parameter(context, "platform_key_arn"):
            yield f"LogEncryptionKmsKeyId is {key!r}, not the platform's key"


check = EmrJobFlowLogsEncrypted()
