"""EMR encrypts S3, volumes and local disks with a customer managed key."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Block, Resource, ResourceCheck


class EmrDataAtRestEncrypted(ResourceCheck):
    """Requirement: at-rest encryption is on for S3 (SSE-KMS), local disks and EBS volumes, each with a customer
    managed key.
    Unknown is treated as: no verdict.
    Source: FSBP EMR.3; EMR Management Guide, "Create a security configuration".
    """

    control = "CSO_EMR_03"
    check_id = "CSO_EMR_03"
    title = "EMR encrypts S3, volumes and local disks with a customer managed key"
    types = ("aws_emr_security_configuration",)

    def judge(self, resource: Resource) -> Iterator[str]:
        encryption = resource.document("configuration").block("EncryptionConfiguration")
        if encryption.get("EnableAtRestEncryption") is not True:
            yield "EnableAtRestEncryption is not true"
        s3 = encryption.block("AtRestEncryptionConfiguration.S3EncryptionConfiguration")
        for block in (s3, *s3.blocks("Overrides")):
            if block.get("EncryptionMode") != "SSE-KMS":
                yield f"S3 is encrypted by {block.get('EncryptionMode')!r}, not SSE-KMS"
            yield from self._key(block, "S3")
        disks = encryption.block("AtRestEncryptionConfiguration.LocalDiskEncryptionConfiguration")
        if disks.get("EncryptionKeyProviderType") != "AwsKms":
            yield f"local disks get their key from {disks.get('EncryptionKeyProviderType')!r}, not AwsKms"
        if disks.get("EnableEbsEncryption") is not True:
            yield "EnableEbsEncryption is not true: root volumes stay in clear"
        yield from self._key(disks, "local disks")

    @staticmethod
    def _key(block: Block, what: str) -> Iterator[str]:
        key = block.get("AwsKmsKey")
        if not isinstance(key, str) or not key.startswith("arn:aws:kms:") or ":alias/aws/" in key:
            yield f"{what}: AwsKmsKey is {key!r}, no ARN of a customer managed key"


check = EmrDataAtRestEncrypted()
