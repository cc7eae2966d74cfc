"""EMR encrypts with the key of its own stack."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import PlanRule, Resource
from policies.plan import Plan


class EmrOwnKeyEncrypts(PlanRule):
    """Requirement: each key that a security configuration names is a key of the same stack: a tenant's clusters
    encrypt with the tenant's key, the shared one with the platform's, none with another tenant's.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.15; SOC 2 CC6.1.
    """

    control = "CSO_EMR_03"
    check_id = "CSO_EMR_03_KEY"
    title = "EMR encrypts with the key of its own stack"
    types = ("aws_emr_security_configuration",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        own = {key.values.get("arn") for key in plan.of_type("aws_kms_key")}
        at_rest = resource.document("configuration").block("EncryptionConfiguration.AtRestEncryptionConfiguration")
        s3 = at_rest.block("S3EncryptionConfiguration")
        for part in (s3, *s3.blocks("Overrides"), at_rest.block("LocalDiskEncryptionConfiguration")):
            key = part.get("AwsKmsKey")
            if not isinstance(key, str) or key not in own:
                yield f"{part.path}: {key!r} is no key of this stack"


check = EmrOwnKeyEncrypts()
