"""EMR nodes answer only version 2 of the metadata service."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_fleet
from policies.check import Resource, ResourceCheck


class EmrInstanceMetadataV2Required(ResourceCheck):
    """Requirement: nodes require IMDSv2 and let its answers travel one or two hops.
    Unknown is treated as: no verdict.
    Source: FSBP EC2.8; CIS AWS 6.7.
    """

    control = "CSO_EMR_06"
    check_id = "CSO_EMR_06"
    title = "EMR nodes answer only version 2 of the metadata service"
    types = ("aws_emr_security_configuration",)

    def judge(self, resource: Resource) -> Iterator[str]:
        service = resource.document("configuration").block("InstanceMetadataServiceConfiguration")
        version = service.get("MinimumInstanceMetadataServiceVersion")
        if version != 2:
            yield f"MinimumInstanceMetadataServiceVersion is {version!r}, not 2"
        hops = emr_fleet.number(service, "HttpPutResponseHopLimit")
        if hops not in (1, 2):
            yield f"HttpPutResponseHopLimit is {hops or None!r}, neither 1 nor 2"


check = EmrInstanceMetadataV2Required()
