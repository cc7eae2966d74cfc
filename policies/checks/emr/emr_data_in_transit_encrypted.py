"""EMR encrypts traffic between nodes."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names, emr_software
from policies.check import Resource, ResourceCheck


class EmrDataInTransitEncrypted(ResourceCheck):
    """Requirement: in-transit encryption is on; its certificates, or the reviewed code that makes them, lie in the
    platform's artifact bucket.
    Unknown is treated as: no verdict.
    Source: FSBP EMR.4; EMR Management Guide, "Encryption options".
    """

    control = "CSO_EMR_04"
    check_id = "CSO_EMR_04"
    title = "EMR encrypts traffic between nodes"
    types = ("aws_emr_security_configuration",)

    def judge(self, resource: Resource) -> Iterator[str]:
        encryption = resource.document("configuration").block("EncryptionConfiguration")
        if encryption.get("EnableInTransitEncryption") is not True:
            yield "EnableInTransitEncryption is not true"
        tls = encryption.block("InTransitEncryptionConfiguration.TLSCertificateConfiguration")
        provider = tls.get("CertificateProviderType")
        if provider not in ("PEM", "Custom"):
            yield f"CertificateProviderType is {provider!r}, neither PEM nor Custom"
        if provider == "Custom" and not tls.get("CertificateProviderClass"):
            yield "CertificateProviderClass is not said"
        place = str(tls.get("S3Object"))
        if not place.startswith("s3://"):
            yield f"S3Object is {tls.get('S3Object')!r}, no address of certificates"
            return
        bucket = f"{emr_names.platform(resource.context)}-artifacts"
        if not place.startswith(f"s3://{bucket}/") or ".." in place:
            yield f"S3Object is {place!r}, not in the artifact bucket {bucket}"
        elif provider == "Custom" and (problem := emr_software.address_problem(place, bucket)):
            yield f"S3Object: {problem}"


check = EmrDataInTransitEncrypted()
