"""Job flows switch no encryption off."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_software
from policies.artefacts.documents import JobFlow
from policies.check import ArtefactCheck

WORDS = ("encrypt", "ssl", "tls", "sasl", "rpc.protection", "spark.authenticate", "data.transfer.protection")
OFF = ("false", "none", "", "sse-s3", "aes256", "http_only", "authentication", "integrity")


class EmrJobFlowKeepsEncryption(ArtefactCheck):
    """Requirement: no classification of a job flow undoes what the security configuration encrypts, on S3, on
    disk or on the wire.
    Unknown is treated as: no verdict.
    Source: FSBP EMR.3 and EMR.4; EMR Release Guide, "Configure applications".
    """

    control = "CSO_EMR_03"
    check_id = "CSO_EMR_03_JOB_FLOW"
    title = "Job flows switch no encryption off"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str]:
        document = artefact.document
        for found in emr_software.classifications(document.get("Configurations"), "Configurations"):
            for name, value in found.properties.items():
                if any(word in name.lower() for word in WORDS) and value.strip().lower() in OFF:
                    yield f"{found.name}: {name} is {value!r}"
        if document.get("CustomAmiId"):
            yield "CustomAmiId replaces EMR's image, whose disks the security configuration encrypts"


check = EmrJobFlowKeepsEncryption()
