"""The Glue catalogue's metadata and connection passwords are encrypted with the platform's key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, left_to_aws, own_keys

TYPE = "aws_glue_data_catalog_encryption_settings"


class CatalogIsEncrypted(PlanRule):
    """Requirement: metadata under SSE-KMS and passwords encrypted, also when returned, both with the platform's key.

    Unknown is treated as: no verdict.
    Source: AWS Glue, "Setting up encryption"; NYDFS 500.15.
    """

    control = "CSO_GLU_01"
    check_id = "CSO_GLU_01"
    title = "The catalogue's metadata and passwords are encrypted with the platform's key"
    types = (TYPE,)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        if not left_to_aws(resource, "catalog_id") and resource.get("catalog_id") != plan.context.account_id:
            yield f"catalog_id is {resource.get('catalog_id')!r}, another account's catalogue"
        settings = resource.block("data_catalog_encryption_settings")
        passwords = settings.block("connection_password_encryption")
        metadata = settings.block("encryption_at_rest")
        if passwords.get("return_connection_password_encrypted") is not True:
            yield "return_connection_password_encrypted is not True"
        if metadata.get("catalog_encryption_mode") not in ("SSE-KMS", "SSE-KMS-WITH-SERVICE-ROLE"):
            yield f"catalog_encryption_mode is {metadata.get('catalog_encryption_mode')!r}"
        keys = own_keys(plan)
        for name, key in (
            ("aws_kms_key_id", passwords.get("aws_kms_key_id")),
            ("sse_aws_kms_key_id", metadata.get("sse_aws_kms_key_id")),
        ):
            if key not in keys:
                yield f"{name} is {key!r}, which is no key of this stack"

    def judge_plan(self, plan: Any) -> Iterator[str]:
        if plan.context.is_platform and not plan.of_type(TYPE):
            yield f"the platform has no {TYPE}"


check = CatalogIsEncrypted()
