"""Whether a destroy plan destroys its tenant's own things and nothing else: by tag, or by name where AWS knows no tag.

A type that is not known here, or a name that is another's, refuses the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from delivery.errors import DeliveryError
from delivery.tagged import ENVIRONMENT_TAG, TENANT_TAG
from generator.names import ZONES, Names

Attributes = Mapping[str, Any]


class ForeignDestruction(DeliveryError):
    """A destroy plan would touch what is not the tenant's own."""

    exit_code = 1


@dataclass(frozen=True)
class Own:
    """What is the tenant's by name: its buckets, roles and Glue databases."""

    names: Names
    buckets: frozenset[str]
    roles: frozenset[str]
    databases: frozenset[str]

    def has_bucket(self, it: Attributes) -> bool:
        return it["bucket"] in self.buckets

    def has_object(self, it: Attributes) -> bool:
        platform, tenant = self.names.platform, self.names.tenant
        code = {platform.bucket("artifacts"): f"jobs/{tenant}/", platform.bucket("airflow"): f"dags/{tenant}/"}
        return it["bucket"] in self.buckets or it["key"].startswith(code.get(it["bucket"], "\0"))

    def has_role(self, it: Attributes) -> bool:
        return it["role"] in self.roles

    def has_configuration(self, it: Attributes) -> bool:
        return bool(it["name"] == self.names.entity("emr"))

    def has_alias(self, it: Attributes) -> bool:
        return bool(it["name"] == self.names.kms_alias)

    def has_table(self, it: Attributes) -> bool:
        return it["database_name"] in self.databases

    def has_granted(self, it: Attributes) -> bool:
        """Tell whether Lake Formation's grant or tag is on the tenant's databases and nothing else."""
        named = [item.get("database_name") or item.get("name") for kind in LAKE for item in it.get(kind) or []]
        everywhere = it.get("catalog_resource") or it.get("data_location") or it.get("lf_tag_policy")
        return bool(named) and not everywhere and set(named) <= self.databases

    def has_selected(self, it: Attributes) -> bool:
        """Tell whether a backup selection selects the tenant's buckets and nothing else."""
        arns = {f"arn:aws:s3:::{bucket}" for bucket in self.buckets}
        return bool(it["resources"]) and set(it["resources"]) <= arns


LAKE = ("database", "table", "table_with_columns")
BY_NAME: Mapping[str, Callable[[Own, Attributes], bool]] = {
    "aws_s3_bucket_lifecycle_configuration": Own.has_bucket,
    "aws_s3_bucket_logging": Own.has_bucket,
    "aws_s3_bucket_object_lock_configuration": Own.has_bucket,
    "aws_s3_bucket_ownership_controls": Own.has_bucket,
    "aws_s3_bucket_policy": Own.has_bucket,
    "aws_s3_bucket_public_access_block": Own.has_bucket,
    "aws_s3_bucket_server_side_encryption_configuration": Own.has_bucket,
    "aws_s3_bucket_versioning": Own.has_bucket,
    "aws_s3_object": Own.has_object,
    "aws_iam_role_policy": Own.has_role,
    "aws_iam_role_policy_attachment": Own.has_role,
    "aws_emr_security_configuration": Own.has_configuration,
    "aws_kms_alias": Own.has_alias,
    "aws_glue_catalog_table": Own.has_table,
    "aws_lakeformation_permissions": Own.has_granted,
    "aws_lakeformation_resource_lf_tags": Own.has_granted,
    "aws_backup_selection": Own.has_selected,
    "terraform_data": lambda own, it: True,  # makes nothing outside of the state
}
"""{type that takes no tags of its own: whether one of it is the tenant's}."""


def deletions(stack: str, plan: Mapping[str, Any], names: Names) -> list[Mapping[str, Any]]:
    """Return the resource changes of a destroy plan, each the deletion of something that is the tenant's own.

    Args:
        stack: `<environment>/<tenant>`, for messages.
        plan: `terraform show -json`, decoded.

    Raises:
        ForeignDestruction: the plan changes or deletes anything else; every such resource is named.
    """
    managed = [item for item in plan["resource_changes"] if item["mode"] == "managed"]
    changes = [item for item in managed if item["change"]["actions"] != ["no-op"]]
    own = _own(changes, names)
    foreign = [f"{item['address']}: {why}" for item in changes for why in _objections(item, own)]
    if foreign:
        raise ForeignDestruction(
            f"{stack}: the plan touches what is not {names.tenant}'s own",
            expected=f"deletions of what is tagged {TENANT_TAG}={names.tenant}, or named as only {names.tenant}'s is",
            why="\n            ".join(foreign),
            fix="find out how it came into this state; `terraform state rm` takes out what belongs elsewhere",
        )
    return changes


def _own(changes: Sequence[Mapping[str, Any]], names: Names) -> Own:
    def tagged(type_: str, attribute: str) -> frozenset[str]:
        found = (item["change"].get("before") or {} for item in changes if item["type"] == type_)
        return frozenset(it[attribute] for it in found if _tagged(it, names))

    return Own(
        names,
        tagged("aws_s3_bucket", "bucket") | {names.bucket(zone) for zone in ZONES},
        tagged("aws_iam_role", "name"),
        tagged("aws_glue_catalog_database", "name") | {names.glue_database},
    )


def _tagged(it: Attributes, names: Names) -> bool:
    tags = it.get("tags_all") or {}
    return (tags.get(TENANT_TAG), tags.get(ENVIRONMENT_TAG)) == (names.tenant, names.environment.environment)


def _objections(item: Mapping[str, Any], own: Own) -> Iterator[str]:
    actions, it = item["change"]["actions"], item["change"].get("before") or {}
    if actions != ["delete"]:
        yield f"the plan would {' and '.join(actions)} it"
        return
    if TENANT_TAG in (it.get("tags_all") or {}):
        if not _tagged(it, own.names):
            yield f"it is tagged {it['tags_all']}"
        return
    by_name = BY_NAME.get(item["type"])
    try:
        if by_name is None:
            yield f"it has no tag {TENANT_TAG}, and by which name a {item['type']} is a tenant's is not known"
        elif not by_name(own, it):
            yield "neither a tag nor a name says that it is"
    except (KeyError, TypeError) as error:
        yield f"what would say whose it is cannot be read: {error!r}"
